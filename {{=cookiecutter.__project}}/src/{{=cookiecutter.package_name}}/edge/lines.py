"""Numbered lines of a text file, with flat memory for lines of any length."""

import io
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from .errors import EdgeError

CHUNK = 1 << 16
WIDE_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """Open a UTF-8 file, once; invalid bytes become surrogates, which the row's validation rejects.

    `-` is the standard input. Line ends are kept, since a quoted value may contain them.

    Raises:
        EdgeError: The file cannot be opened or read, or is UTF-16 or UTF-32.
    """
    try:
        is_stdin = str(path) == "-"
        with open(sys.stdin.fileno() if is_stdin else path, "rb", closefd=not is_stdin) as raw:
            if raw.peek(2)[:2] in WIDE_BYTE_ORDER_MARKS:
                raise EdgeError("UTF-16 or UTF-32 text; save it as UTF-8")
            file = io.TextIOWrapper(raw, "utf-8-sig", errors="surrogateescape", newline="")
            yield file
    except OSError as error:
        raise EdgeError(error.strerror or str(error)) from error


class Lines:
    """Numbered lines; lines can be pushed back.

    Of a line longer than `longest` characters, only the first `longest + 1` are returned and the
    rest is skipped, so that memory stays flat.
    """

    def __init__(self, file: TextIO, longest: int) -> None:
        """Read from the current position of the file."""
        self._pushed_back: deque[tuple[int, str]] = deque()
        self._read = file.readline
        self._longest = longest
        self._number = 0

    def __iter__(self) -> Iterator[tuple[int, str]]:
        """Yield number (from 1) and text of each line, including the line end."""
        read, pushed_back, longest = self._read, self._pushed_back, self._longest
        while True:
            if pushed_back:
                yield pushed_back.popleft()
                continue
            line = read(longest + 1)
            if not line:
                return
            self._number += 1
            if len(line) > longest and line[-1] not in "\r\n":
                while (more := read(CHUNK)) and more[-1] not in "\r\n":
                    pass
            yield self._number, line

    def push_back(self, lines: list[tuple[int, str]]) -> None:
        """Return these lines again before the next ones."""
        self._pushed_back.extendleft(reversed(lines))
