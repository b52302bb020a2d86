"""Test history: record every run, group failures into classes, prove flakiness, say what to fix.

Data flows one way: plugin (records) -> store (SQLite) -> analysis (pure functions over rows)
-> output (terminal summary, command line, pages, exchange).
"""
