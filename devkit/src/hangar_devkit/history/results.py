"""What became of an attempt at a test, and why it went wrong.

A session in which each test passes never loads this.
"""

from typing import Final, NamedTuple


class Frame(NamedTuple):
    """One step of a traceback.

    Attributes:
        path: Path relative to the root, or the file's name when it is outside.
        function: Qualified name, without comprehension scopes.
        line: Line number, for people only: it never identifies anything.
        kind: `app`, `test` or `lib`.
        source: The source line, stripped.
    """

    path: str
    function: str
    line: int
    kind: str
    source: str


class Failure(NamedTuple):
    """Why an attempt went wrong, as far as the exception tells.

    Attributes:
        phase: `setup`, `call`, `teardown`, `collect` or `crash`.
        exception: Qualified type name of the root cause.
        message: First lines of the root cause's message, secrets masked.
        frames: Frames of the root cause inside the project, outermost first.
        trace: The traceback as the user saw it, secrets masked.
    """

    phase: str
    exception: str
    message: str
    frames: tuple[Frame, ...] = ()
    trace: str = ""


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
    failures: tuple[Failure, ...] = ()


Row = tuple[str, int, int, int, str, int, str, bool]
"""What `Result` begins with, up to `subtest`; of an attempt that passed the rest goes without
saying."""
ROW: Final = 8
"""How many values a row has."""
