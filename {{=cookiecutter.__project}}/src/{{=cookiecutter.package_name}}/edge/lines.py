"""Numbered lines of a text file, with flat memory for lines of any length."""

import gzip
import io
import sys
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, TextIO, TypeVar

from .errors import EdgeError

Item = TypeVar("Item")
CHUNK = 1 << 16
GZIP = b"\x1f\x8b"
WIDE_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
WIDE = ("utf-16", "utf-32", "utf_16", "utf_32")


@contextmanager
def opened(path: Path, encoding: str = "utf-8") -> Iterator[TextIO]:
    """Open a text file, once; bytes that are no text become surrogates, which a row may not have.

    `-` is the standard input, and what was compressed by gzip is decompressed. Line ends are kept,
    since a quoted value may contain them.

    Raises:
        EdgeError: The file cannot be opened or read, or is UTF-16 or UTF-32 without that encoding.
    """
    try:
        with ExitStack() as stack:
            is_stdin = str(path) == "-"
            source = sys.stdin.fileno() if is_stdin else path
            raw: Any = stack.enter_context(open(source, "rb", closefd=not is_stdin))
            if path.suffix.lower() == ".gz" or _start(raw)[:2] == GZIP:
                raw = stack.enter_context(gzip.open(raw))
            if not encoding.lower().startswith(WIDE) and _start(raw)[:2] in WIDE_BYTE_ORDER_MARKS:
                raise EdgeError("UTF-16 or UTF-32 text; save it as UTF-8, or declare its encoding")
            name = "utf-8-sig" if encoding.lower() in {"utf-8", "utf8", "utf_8"} else encoding
            yield io.TextIOWrapper(raw, name, errors="surrogateescape", newline="")
    except (EOFError, zlib.error) as error:
        raise EdgeError(f"the compressed file is damaged ({error})") from error
    except OSError as error:
        raise EdgeError(error.strerror or str(error)) from error
    except (LookupError, UnicodeError) as error:
        raise EdgeError(f"cannot be read as {encoding} ({error})") from error


def file_type(path: Path) -> str:
    """Return the ending of a name that says what is in the file, in lower case."""
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


def _start(raw: IO[bytes]) -> bytes:
    return raw.peek(2)  # type: ignore[attr-defined, no-any-return]


def batched(items: Iterator[Item], size: int) -> Iterator[list[Item]]:
    """Yield lists of items; an error while reading is raised after the items before it."""
    while True:
        batch: list[Item] = []
        try:
            batch.extend(islice(items, size))
        except Exception:
            if batch:
                yield batch
            raise
        if not batch:
            return
        yield batch


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

    @property
    def has_more(self) -> bool:
        """Whether there are lines that were pushed back."""
        return bool(self._pushed_back)

    def push_back(self, lines: list[tuple[int, str]]) -> None:
        """Return these lines again before the next ones."""
        self._pushed_back.extendleft(reversed(lines))
