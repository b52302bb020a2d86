"""The records that flow from the plugin through the store to the analysis.

Annotations are evaluated here: postponed, `NamedTuple` would compile the text of each one, which
every session with the recorder would pay for.
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
"""Outcomes that mean the attempt went wrong."""

QUARANTINED: Final = "quarantined: "
"""How the reason of an expected failure begins when the quarantine expects it."""


class Run(NamedTuple):
    """One test session, whatever the number of its worker processes.

    Attributes:
        uid: Random name of the run, the same on every machine that holds a copy of it.
        started: Start, in seconds since the epoch.
        person: Short digest of who ran it; the name itself is not kept.
        on_default: Whether the branch is the one that releases are made from.
        source: `pytest`, or the format that the run was imported from.
        zone: Offset of the local time from UTC, as `+0200`.
        seed: What chance was told: `PYTHONHASHSEED=0 randomly_seed=7`, "" when nothing was.
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
"""Tests of one file that passed one after another: path, content key, worker, and for each test the
rest of its node id and its milliseconds."""
