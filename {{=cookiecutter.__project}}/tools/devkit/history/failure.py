"""Why an attempt went wrong; a session in which none did never loads this."""

from typing import NamedTuple


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
