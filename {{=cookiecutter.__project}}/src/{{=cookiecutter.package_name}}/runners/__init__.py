"""Runners in addition to those of Kedro: run the steps of the pipeline on other machines.

The template owns this package.
"""
