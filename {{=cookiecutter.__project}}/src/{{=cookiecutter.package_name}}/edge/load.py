"""The loader: read a file, yield valid records, and write every invalid row to a rejects file."""

import re
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii as encode
from operator import length_hint
from pathlib import Path
from typing import Any, Generic, TextIO, TypeVar

from .contract import Contract, TableRules
from .csv_rows import csv_rows
from .errors import EdgeError, Rejected, TooManyRejectsError, write_errors
from .frames import FRAMES, frame_rows
from .json_rows import json_rows, jsonl_rows
from .lines import batched, file_type, opened
from .rows import SMALL_BLOCK, Block, Row
from .rules import Decided, TableRuleChecker

Model = TypeVar("Model", bound=Contract)
READERS: dict[str, Callable[..., Iterator[Any]]] = {
    ".csv": csv_rows,
    ".tsv": csv_rows,
    ".json": json_rows,
    ".jsonl": jsonl_rows,
    ".ndjson": jsonl_rows,
}
OWN_REJECTS = re.compile(rb'\{"row": \d+, "text": "')
MIN_ROWS_FOR_SHARE = 1000  # with fewer rows, a share means little


@dataclass(frozen=True)
class Limits:
    """When to stop reading a file.

    Attributes:
        rejects: Maximum number of invalid rows, or None for no limit.
        share: Maximum share of invalid rows, from 0 to 1; checked from the 1,000th row on and at
            the end.
        longest: Maximum number of characters in a row.
    """

    rejects: int | None = None
    share: float = 1.0
    longest: int = 1 << 20


class Load(Generic[Model]):
    """An iterable of the valid records of a file; `accepted + rejected == read` at any time.

    Attributes:
        rejected: Rows that do not satisfy the contract.
    """

    def __init__(
        self,
        path: Path,
        contract: type[Model],
        *,
        rejects: Path | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Prepare to read; the file is opened when the iteration starts.

        Args:
            path: A `.csv`, `.tsv`, `.jsonl`, `.ndjson` or `.json` file, which may be compressed
                (`.csv.gz`), or a `.parquet` or `.arrow` file where Polars is installed.
            contract: Contract of each row.
            rejects: File for invalid rows, as JSON Lines. Without it, the first invalid row raises.
            limits: When to stop.
        """
        self.rejected = 0
        self._accepted = 0
        self._waiting: Iterator[Any] = iter([])
        self._path, self._contract, self._rejects = path, contract, rejects
        self._limits = limits or Limits()
        self._last: Rejected | None = None
        self._reject: Callable[[Rejected], None] = lambda _: None

    @property
    def accepted(self) -> int:
        """Rows that satisfy the contract, up to the record that was yielded last."""
        return self._accepted - length_hint(self._waiting)

    @property
    def read(self) -> int:
        """Rows read so far."""
        return self.accepted + self.rejected

    def __iter__(self) -> Iterator[Model]:
        """Yield the valid records in the order of the file.

        Raises:
            EdgeError: The file cannot be read, or violates a rule about the whole table.
            TooManyRejectsError: A limit is exceeded.
        """
        yield from self._valid(make=True)

    def validate(self) -> int:
        """Validate all rows without making records, which is faster; return how many are valid.

        Raises:
            EdgeError: The file cannot be read, or violates a rule about the whole table.
            TooManyRejectsError: A limit is exceeded.
        """
        for _ in self._valid(make=False):
            pass
        return self.accepted

    def _valid(self, *, make: bool) -> Iterator[Any]:
        """Yield what there is of valid rows, and refuse the others."""
        with closing(self._decided(make=make)) as decided:
            for part in decided:
                if isinstance(part, Block):
                    self._waiting = iter(part.records or [])
                    self._accepted += len(part)
                    yield from self._waiting
                    continue
                for row, problems in part:
                    if problems:
                        self._refuse(Rejected(row[0], row[1], problems))
                    else:
                        self._accepted += 1
                        yield row[2]

    def _decided(self, *, make: bool) -> Generator[list[Decided] | Block, None, None]:
        """Yield rows with their problems, once the rules for the whole table have decided them."""
        self._accepted, self._waiting, self.rejected = 0, iter([]), 0
        self._last = None
        rules = self._contract.table
        checker = None if rules == TableRules() else TableRuleChecker(rules)
        try:
            with self._open_rejects() as self._reject, self._parts(make=make) as parts:
                for part in parts:
                    if isinstance(part, Block):
                        yield from checker.check_block(part) if checker else [part]
                    elif checker:
                        yield checker.check_rows(part)
                    else:
                        yield [(row, row[2] if type(row[2]) is tuple else ()) for row in part]
                if checker:
                    yield checker.rest()
                if self._last:
                    self._stop_if_too_many(self._last, check_share=True)
                if checker:
                    checker.finish()
        except EdgeError as error:
            raise self._named(error) from error

    def _refuse(self, rejected: Rejected) -> None:
        self.rejected += 1
        self._last = rejected
        try:
            self._reject(rejected)
            is_share = self._limits.share < 1 and self.read >= MIN_ROWS_FOR_SHARE
            self._stop_if_too_many(rejected, check_share=is_share)
        except EdgeError as error:
            raise self._named(error) from error

    def _named(self, error: EdgeError) -> EdgeError:
        return type(error)(f"{self._path}: {error}")

    @contextmanager
    def _parts(self, *, make: bool) -> Iterator[Iterator[list[Row[Model]] | Block]]:
        """Yield the rows of the file, some at a time, before the rules for the whole table."""
        path, contract, longest = self._path, self._contract, self._limits.longest
        if path.suffix.lower() in FRAMES:
            yield batched(frame_rows(path, contract), SMALL_BLOCK)
            return
        is_cells = file_type(path) in {".csv", ".tsv", ""}
        with opened(path, contract.dialect.encoding if is_cells else "utf-8") as file:
            reader = READERS.get(file_type(path)) or _stream_reader(path, file)
            if is_cells and reader is not csv_rows:  # the dialect is that of CSV only
                file.reconfigure(encoding="utf-8-sig", errors="surrogateescape")
            if reader is json_rows:
                yield batched(json_rows(file, contract, longest), SMALL_BLOCK)
            else:
                yield reader(file, contract, longest, make=make)

    def _stop_if_too_many(self, last: Rejected, *, check_share: bool) -> None:
        limits = self._limits
        if self._rejects is None:
            raise TooManyRejectsError(f"row {last.row}: {last}")
        if limits.rejects is not None and self.rejected > limits.rejects:
            raise TooManyRejectsError(
                f"stopped at row {last.row}: {last}: {self.rejected} invalid rows, "
                f"the limit is {limits.rejects}"
            )
        if check_share and self.rejected > limits.share * self.read:
            raise TooManyRejectsError(
                f"{self.rejected} of {self.read} rows are invalid, the limit is "
                f"{limits.share:.0%}; see {self._rejects}; the last is row {last.row}: {last}"
            )

    @contextmanager
    def _open_rejects(self) -> Iterator[Callable[[Rejected], None]]:
        """Yield a function that writes a rejected row; create the file with the first one."""
        path = self._rejects
        if path is None:
            yield lambda _: None
            return
        if is_same_file(path, self._path):
            raise EdgeError("the rejects file must not be the input file")
        with write_errors(path), ExitStack() as files:
            _remove_rejects(path)
            file: TextIO | None = None

            def reject(rejected: Rejected) -> None:
                nonlocal file
                try:
                    # Opened late, so that a valid file can be read where nothing can be written.
                    file = file or files.enter_context(path.open("w", encoding="utf-8"))
                    file.write(_as_json(rejected))
                except OSError as error:
                    raise EdgeError(f"cannot write {path}: {error.strerror}") from error

            yield reject


def is_same_file(one: Path, other: Path) -> bool:
    """Return whether two paths are one file, links followed; devices and pipes may be shared."""
    if one.exists() and other.exists():
        return one.is_file() and one.samefile(other)
    return str(one) != "-" and one.resolve() == other.resolve()


def _stream_reader(path: Path, file: Any) -> Callable[..., Iterator[Any]]:
    """Return what loads a stream without a file type, by its first character."""
    if str(path) != "-" and (path.is_file() or file_type(path)):
        text, frames = ", ".join(READERS), ", ".join(FRAMES)
        endings = f"{text}, one of these and .gz, {frames}"
        raise EdgeError(f"unknown file type; the name must end in {endings}")
    first = file.buffer.peek(64).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return READERS[{b"[": ".json", b"{": ".jsonl"}.get(first, ".csv")]


def _remove_rejects(path: Path) -> None:
    """Remove the rejects of an earlier run; leave devices and pipes, and refuse other files."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        start = file.read(64)
    if start and not OWN_REJECTS.match(start):
        raise EdgeError(f"{path} is not a file of rejects; delete it, or name another file")
    if path.is_symlink():
        path.write_bytes(b"")
    else:
        path.unlink()


def _as_json(rejected: Rejected) -> str:
    """Return a row as a line that any parser reads: a byte outside the encoding becomes an escape."""
    text = rejected.text
    if not text.isascii():
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    problems = ", ".join(
        [
            f'{{"column": {encode(column)}, "value": {encode(value)}, '
            f'"rule": {encode(rule)}, "reason": {encode(reason)}}}'
            for column, value, rule, reason in rejected.problems
        ]
    )
    return f'{{"row": {rejected.row}, "text": {encode(text)}, "problems": [{problems}]}}\n'
