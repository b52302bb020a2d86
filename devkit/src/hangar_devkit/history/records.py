"""The records of a session that passes: the run, and groups of passed tests.

This module has no `from __future__ import annotations`: with it, `NamedTuple` would compile the
text of each annotation, in every recorded session.
"""

from typing import Final, NamedTuple

PASSED: Final = 0
FAILED: Final = 1
ERROR: Final = 2
SKIPPED: Final = 3
XFAILED: Final = 4
XPASSED: Final = 5

OUTCOMES: Final = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
BROKEN: Final = frozenset({FAILED, ERROR})
"""Outcomes of an attempt that went wrong."""

QUARANTINED: Final = "quarantined: "
"""Prefix of the reason of an expected failure that the quarantine expects."""


class Run(NamedTuple):
    """One test session, whatever the number of its worker processes.

    The fields are the columns of the table `run`, the keys of an exported run and, in this order,
    the values in a journal: add new ones at the end, with a default.

    Attributes:
        uid: Random name of the run, the same on every machine that has a copy of it.
        started: Start, in seconds since the epoch.
        person: Short digest of the user's name; the name itself is not stored.
        on_default: Whether the branch is the default branch.
        source: `pytest`, or the format that the run was imported from.
        zone: Offset of the local time from UTC, as `+0200`.
        seed: Seeds of the session, as `PYTHONHASHSEED=0 randomly_seed=7`; "" without any.
    """

    uid: str
    started: float
    commit: str = ""
    branch: str = ""
    dirty: bool = False
    on_default: bool = False
    platform: str = ""
    python: str = ""
    job: str = ""
    person: str = ""
    source: str = "pytest"
    seconds: float = 0.0
    zone: str = ""
    seed: str = ""


Group = tuple[str, str, str, list[str | int]]
"""Consecutive tests of one file that passed: path, content key, worker, and for each test the rest
of its node id and its milliseconds."""
GROUP: Final = 4
"""Number of values in a group."""
