"""The records that flow from the plugin through the store to the analysis.

Annotations are evaluated here: postponed, `NamedTuple` would compile the text of each one, which
every session with the recorder would pay for.
"""

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from devkit.history.failure import Failure

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


class Result(NamedTuple):
    """One attempt at one test (or subtest).

    Attributes:
        nodeid: pytest's node id, relative to the root; a subtest's has its description appended.
        attempt: 0 for the first try, 1 for its first rerun, and so on.
        outcome: One of the constants of this module.
        milliseconds: Duration of the call.
        content: Content key, or "" when it is not known.
        position: Place in the order in which the worker ran its tests.
        worker: Name of the worker process, "" for the only one.
        subtest: Whether this is a subtest's result.
        quarantined: Whether the failure was kept from failing the build.
        failures: What went wrong, one for each phase that did.
    """

    nodeid: str
    attempt: int
    outcome: int
    milliseconds: int
    content: str = ""
    position: int = 0
    worker: str = ""
    subtest: bool = False
    quarantined: bool = False
    failures: tuple["Failure", ...] = ()


Passed = tuple[str, int, str, str]
"""Node id, milliseconds, content key and worker of a test that passed: there are many of them."""
Row = Passed | Result
"""What a session records; `attempt` and `position` follow from the order of the rows."""
