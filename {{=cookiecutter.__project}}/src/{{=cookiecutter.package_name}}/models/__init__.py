"""Anomaly detectors behind one interface. Use them through `anomaly_utils`.

The template owns this package. Declare in `conf/` which model to train, and how.
"""
