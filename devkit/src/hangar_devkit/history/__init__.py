"""Test history: record every run, group failures into classes, prove flakiness, say what to fix.

Data flows one way: plugin (records) -> journal (a file for each session) -> store (SQLite)
-> analysis (pure functions over rows) -> output (terminal summary, command line, pages, exchange).
"""

from typing import Final

STORE: Final = ".cache/history/history.sqlite"
"""Where the store is, relative to the root, when nothing else was said."""
