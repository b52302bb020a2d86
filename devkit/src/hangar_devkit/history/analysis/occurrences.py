"""Occurrences of failures, and the fingerprint that identifies them.

The fingerprint is the exception with the deepest frame of the project's own code.
"""

import hashlib
from collections.abc import Sequence
from typing import Final, NamedTuple

from hangar_devkit.history.masks import mask_noise
from hangar_devkit.history.results import Frame

ALGORITHM: Final = "marks-2"
"""Name of the method that groups failures into classes; a change of the method changes it."""

NOT_IMPORTABLE: Final = frozenset({"ModuleNotFoundError", "ImportError"})
UNAVAILABLE: Final = frozenset({
    "ConnectionRefusedError", "ConnectionResetError", "ConnectionError", "FileNotFoundError",
    "PermissionError", "gaierror", "TimeoutError",
})  # fmt: skip
"""Names of exceptions about files and services outside the code that raises them."""

_MAX_TITLE = 140


class Occurrence(NamedTuple):
    """One failure in a window of runs.

    Attributes:
        run: Index of the run in the window, 0 for the oldest.
        test: Node id.
        exception: Qualified type name of the root cause.
        message: Its message.
        frames: Frames of the root cause inside the project.
        key: Primary key of its row in the store: run, test, attempt, phase.
        evidence: Number of its evidence in the store.
        class_id: Number of its class in the store, 0 when it has none yet.
    """

    run: int
    test: str
    exception: str
    message: str
    frames: tuple[Frame, ...]
    key: tuple[int, int, int, str] = (0, 0, 0, "")
    evidence: int = 0
    class_id: int = 0

    @property
    def culprit(self) -> Frame:
        """The frame to look at: the deepest of the code, else the deepest of the tests.

        For a failure without frames (a doctest, a dead worker) it stands for the test.
        """
        for origin in ("app", "test"):
            for frame in reversed(self.frames):
                if frame.origin == origin:
                    return frame
        path, _, name = self.test.partition("::")
        return Frame(path, name.partition("[")[0], 0, "test", "")

    @property
    def fingerprint(self) -> str:
        """Exception and culprit, without line numbers, absolute paths or message."""
        return fingerprint(self.exception, self.culprit)

    @property
    def signature(self) -> tuple[str, str]:
        """The fingerprint with the failed statement, or with the message if a test's own failed."""
        culprit = self.culprit
        return self.fingerprint, culprit.source if culprit.origin == "app" else self.message

    @property
    def is_assertion(self) -> bool:
        """Whether a test found something wrong, rather than ran into it."""
        return self.exception.rpartition(".")[2] in {"AssertionError", "Failed"}

    @property
    def title(self) -> str:
        """One readable line: what went wrong, and where."""
        culprit = self.culprit
        exception = self.exception.rpartition(".")[2]
        message = mask_noise(self.message.strip().partition("\n")[0])
        text = f"{exception} in {culprit.function or culprit.path}"
        text += f": {message}" if message else ""
        return text if len(text) <= _MAX_TITLE else f"{text[: _MAX_TITLE - 1]}…"


def fingerprint(exception: str, culprit: Frame) -> str:
    """Return the fingerprint of an exception at a frame."""
    return f"{exception}|{culprit.path.removeprefix('src/')}|{culprit.function}"


def class_name(fingerprint: str, salt: str = "") -> str:
    """Return a short name for the class of a fingerprint.

    Args:
        fingerprint: The fingerprint.
        salt: Distinguishes two classes that have the same fingerprint.
    """
    digest = hashlib.sha256(f"{fingerprint}\0{salt}".encode(errors="surrogatepass"))
    return f"E-{digest.hexdigest()[:8]}"


def representative(occurrences: Sequence[Occurrence]) -> Occurrence:
    """Return the failure that shows best what a group is about.

    It has the most frequent fingerprint; one in the code comes before one in the tests.
    """
    counts: dict[str, int] = {}
    for each in occurrences:
        counts[each.fingerprint] = counts.get(each.fingerprint, 0) + 1
    return max(
        occurrences,
        key=lambda o: (o.culprit.origin == "app", counts[o.fingerprint], o.run, o.fingerprint),
    )
