"""Numbered lines of a text file, with flat memory for lines of any length."""

import gzip
import io
import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, TextIO, TypeVar

from .errors import EdgeError

Item = TypeVar("Item")
CHUNK = 1 << 16
BLOCK = 1 << 15  # characters of lines that are read at once
LINE_END = re.compile(r"\r\n?|\n")
GZIP = b"\x1f\x8b"
WIDE_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
WIDE = ("utf-16", "utf-32", "utf_16", "utf_32")


@contextmanager
def opened(path: Path, encoding: str = "utf-8") -> Iterator[io.TextIOWrapper]:
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
    """Numbered lines, which can be taken some hundred at once, and pushed back.

    Of a line longer than `longest` characters, only the first `longest + 1` are returned and the
    rest is skipped, so that memory stays flat.

    Attributes:
        number: Number of the last line that was taken, from 1.
        longest: Maximum number of characters of a line.
    """

    def __init__(self, file: TextIO, longest: int) -> None:
        """Read from the current position of the file."""
        self.number = 0
        self.longest = longest
        self._read = file.read
        self._texts: list[str] = []  # lines that were read, of which some are taken
        self._taken = 0
        self._rest = ""  # the start of a line whose end was not read yet
        self._skips = False  # whether the rest of a long line is skipped

    def __iter__(self) -> "Lines":
        """Return this iterator over number and text of each line, including the line end."""
        return self

    def __next__(self) -> tuple[int, str]:
        """Return number and text of the next line."""
        if self._taken == len(self._texts) and not self._read_more():
            raise StopIteration
        self._taken += 1
        self.number += 1
        return self.number, self._texts[self._taken - 1]

    def until(self, number: int) -> Iterator[tuple[int, str]]:
        """Yield the next lines, up to the one of a number."""
        while self.number < number:
            yield next(self)

    def block(self, most: int) -> list[str]:
        """Return the texts of the next lines, up to `most`; none at the end."""
        if self._taken == len(self._texts):
            self._read_more()
        texts = self._texts[self._taken : self._taken + most]
        self._taken += len(texts)
        self.number += len(texts)
        return texts

    def push_back(self, texts: list[str]) -> None:
        """Return these lines, the last that were taken, again before the next ones."""
        self._texts[: self._taken] = texts
        self._taken = 0
        self.number -= len(texts)

    def _read_more(self) -> bool:
        """Read the next lines; return whether there are any."""
        self._texts, self._taken = [], 0
        while not self._texts:
            more = self._read(BLOCK)
            if more.endswith("\r"):
                more += self._read(1)  # the line end may have two characters
            if self._skips:
                if not more:
                    return False
                end = LINE_END.search(more)
                self._skips, more = not end, more[end.end() :] if end else ""
                if not more:
                    continue
            text, self._rest = self._rest + more, ""
            if not text:
                return False
            texts = io.StringIO(text, newline="").readlines()
            if more and texts[-1][-1] not in "\r\n":
                self._rest = texts.pop()
            if len(self._rest) > self.longest:
                texts.append(self._rest)
                self._rest, self._skips = "", True
            if len(text) > self.longest:
                texts = [each[: self.longest + 1] for each in texts]
            self._texts = texts
        return True
