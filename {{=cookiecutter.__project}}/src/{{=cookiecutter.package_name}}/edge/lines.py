"""Lines of a text file, at any length, without a traceback."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from .errors import EdgeError

CHUNK = 1 << 16
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """Open a UTF-8 file; bytes that are not UTF-8 stay, as surrogates, for the row's own check.

    Raises:
        EdgeError: The file cannot be opened or read, or is UTF-16 or UTF-32.
    """
    try:
        with path.open("rb") as file:
            if file.read(2) in WIDE_MARKS:
                raise EdgeError("UTF-16 or UTF-32 text; save it as UTF-8")
        with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
            yield file
    except OSError as error:
        raise EdgeError(error.strerror or str(error)) from error


class Lines:
    """Numbered lines; a line can be given back.

    A line longer than `longest` characters comes as its first `longest + 1`; the rest is skipped,
    so that memory stays flat.
    """

    def __init__(self, file: TextIO, longest: int) -> None:
        """Read from where the file stands."""
        self._returned: deque[tuple[int, str]] = deque()
        self._read = file.readline
        self._longest = longest
        self._number = 0

    def __iter__(self) -> Iterator[tuple[int, str]]:
        """Yield number (from 1) and text of each line, the line's end included."""
        read, returned, longest = self._read, self._returned, self._longest
        while True:
            if returned:
                yield returned.popleft()
                continue
            line = read(longest + 1)
            if not line:
                return
            self._number += 1
            if len(line) > longest and line[-1] != "\n":
                while (more := read(CHUNK)) and more[-1] != "\n":
                    pass
            yield self._number, line

    def give_back(self, lines: list[tuple[int, str]]) -> None:
        """Let the next calls return these lines again."""
        self._returned.extendleft(reversed(lines))
