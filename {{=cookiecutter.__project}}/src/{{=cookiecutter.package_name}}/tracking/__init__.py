"""Runs and models, kept where the configuration says; nothing is lost when that place is gone.

The template owns this package.
"""
