"""What identifies a failure: its exception and the deepest frame of the project's own code."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

from hangar_devkit.history.masks import mask_noise
from hangar_devkit.history.results import Frame

if TYPE_CHECKING:
    from collections.abc import Sequence

ALGORITHM: Final = "cofailure-1"
"""Name of the way in which failures are put into classes; a change of the way changes it."""

_MAX_TITLE = 140


class Sighting(NamedTuple):
    """One failure, as the analysis sees it.

    Attributes:
        run: Place of the run in the window, 0 for the oldest.
        test: Node id.
        exception: Qualified type name of the root cause.
        message: Its message.
        frames: Frames of the root cause inside the project.
    """

    run: int
    test: str
    exception: str
    message: str
    frames: tuple[Frame, ...]

    @property
    def home(self) -> Frame:
        """The frame that names the place: the deepest of the code, else of the tests.

        A failure without any (a doctest, a dead worker) is at home in its test.
        """
        for kind in ("app", "test"):
            for frame in reversed(self.frames):
                if frame.kind == kind:
                    return frame
        path, _, name = self.test.partition("::")
        return Frame(path, name.partition("[")[0], 0, "test", "")

    @property
    def fingerprint(self) -> str:
        """Exception and home, without line numbers, absolute paths or message."""
        return fingerprint(self.exception, self.home)

    @property
    def sight(self) -> tuple[str, str]:
        """The fingerprint with the statement that failed, or the message if a test's own did."""
        home = self.home
        return self.fingerprint, home.source if home.kind == "app" else self.message

    @property
    def detail(self) -> tuple[object, ...]:
        """Everything that was seen, but for line numbers."""
        steps = tuple((frame.path, frame.function, frame.source) for frame in self.frames)
        return self.exception, self.message, steps


def fingerprint(exception: str, home: Frame) -> str:
    """Return the fingerprint of an exception at a place."""
    return f"{exception}|{home.path.removeprefix('src/')}|{home.function}"


def class_name(print_of: str, salt: str = "") -> str:
    """Return the short name of the class that a fingerprint founds.

    Args:
        print_of: The fingerprint.
        salt: Tells apart two classes that one fingerprint founds.
    """
    digest = hashlib.sha256(f"{print_of}\0{salt}".encode(errors="surrogatepass"))
    return f"E-{digest.hexdigest()[:8]}"


def title(sighting: Sighting) -> str:
    """Return one readable line: what went wrong, and where."""
    home = sighting.home
    kind = sighting.exception.rpartition(".")[2]
    place = home.function or home.path
    message = mask_noise(sighting.message.strip().partition("\n")[0])
    text = f"{kind} in {place}" + (f": {message}" if message else "")
    return text if len(text) <= _MAX_TITLE else f"{text[: _MAX_TITLE - 1]}…"


def representative(sightings: Sequence[Sighting]) -> Sighting:
    """Return the failure that shows best what the group is about.

    The most frequent fingerprint wins, one in the code before one in the tests.
    """
    counts: dict[str, int] = {}
    for sighting in sightings:
        counts[sighting.fingerprint] = counts.get(sighting.fingerprint, 0) + 1
    return max(
        sightings,
        key=lambda s: (s.home.kind == "app", counts[s.fingerprint], s.run, s.fingerprint),
    )
