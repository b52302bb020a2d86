"""Commit hooks that check many files in one process."""
