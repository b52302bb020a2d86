"""Runners beside Kedro's own: what takes the steps of the pipeline to other machines.

The template owns this package.
"""
