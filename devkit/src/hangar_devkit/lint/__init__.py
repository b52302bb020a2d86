"""Checks of the tests and of repeated code, where no rule of ruff fits."""
