"""Anomaly detectors behind one interface. Use them through `anomaly_utils`.

The template owns this package. Which model is trained, and how, is stated in `conf/`.
"""
