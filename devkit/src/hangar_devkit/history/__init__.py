"""Test history: record runs, group failures by cause, prove flakiness, rank what to fix next.

The packages are layers; each imports only those below it:

- `plugin`, `cli`: the pytest plugin and the commands
- `experiments`: what decides an outcome, found by running tests again
- `output`: what is printed, drawn or exchanged
- `analysis`: error classes, flakiness and the queue, as pure functions over stored rows
- `recording`: what a test session writes
- `store`: the journals of sessions, and the SQLite file that ingests them
- `records`, `results`, `masks`, `sources`, `quarantine`: what the others share

`analysis` and `recording` do not import each other.
"""

from typing import Final

STORE: Final = ".cache/history/history.sqlite"
"""Default path of the store, relative to the project's root."""
