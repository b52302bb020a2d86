"""The result of an attempt at a test, and why it went wrong.

A session in which every test passes does not load this module.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, Self


class Frame(NamedTuple):
    """One step of a traceback.

    Attributes:
        path: Path relative to the root, or the name of a file outside the root.
        function: Qualified name, without comprehension scopes.
        line: Line number, shown to people; it never identifies a failure.
        origin: `app`, `test` or `lib`.
        source: The source line, stripped.
    """

    path: str
    function: str
    line: int
    origin: str
    source: str


class Failure(NamedTuple):
    """Why an attempt went wrong.

    Attributes:
        phase: `setup`, `call`, `teardown`, `collect` or `crash`.
        exception: Qualified type name of the root cause.
        message: First lines of the root cause's message, secrets masked.
        frames: Frames of the root cause inside the project, outermost first.
        trace: The traceback as pytest printed it, secrets masked.
    """

    phase: str
    exception: str
    message: str
    frames: tuple[Frame, ...] = ()
    trace: str = ""

    @classmethod
    def parse(cls, values: Sequence[Any]) -> Self:
        """Read the values that a journal holds, or that `plain` returned."""
        phase, exception, message, frames, trace = values
        return cls(phase, exception, message, tuple(Frame(*frame) for frame in frames), trace)

    def plain(self) -> tuple[Any, ...]:
        """Return the values as plain tuples, which pytest-xdist can send to another process."""
        frames = tuple(tuple(frame) for frame in self.frames)
        return self.phase, self.exception, self.message, frames, self.trace


class Result(NamedTuple):
    """One attempt at one test (or subtest).

    Attributes:
        nodeid: pytest's node id, relative to the root; a subtest's has its description appended.
        attempt: 0 for the first try, 1 for its first rerun, and so on.
        outcome: One of the outcomes in `records`.
        milliseconds: Duration of the call.
        content: Content key, or "" when it is not known.
        position: Position in the order in which the worker ran its tests.
        worker: Name of the worker process, "" without workers.
        subtest: Whether this is the result of a subtest.
        quarantined: Whether the quarantine kept the failure from failing the run.
        failures: One for each phase that went wrong.
        rerun: Whether a rerun plugin repeats the test after this attempt.
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
    rerun: bool = False


Row = tuple[str, int, int, int, str, int, str, bool]
"""The fields of `Result` up to `subtest`: all that there is to store of an attempt that passed."""
ROW: Final = 8
"""Number of values in a row."""
