"""The loader: read a file, yield valid records, and write every invalid row to a rejects file."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, TextIO, TypeVar

from .contract import Contract, TableRules
from .csv_rows import csv_rows
from .errors import EdgeError, Rejected, TooManyRejectsError
from .json_rows import json_rows, jsonl_rows
from .lines import opened
from .rules import TableRuleChecker

Model = TypeVar("Model", bound=Contract)
READERS: dict[str, Callable[..., Iterator[Any]]] = {
    ".csv": csv_rows,
    ".json": json_rows,
    ".jsonl": jsonl_rows,
    ".ndjson": jsonl_rows,
}
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
        read: Rows read so far.
        accepted: Rows that satisfy the contract.
        rejected: Rows that do not.
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
            path: A `.csv`, `.jsonl`, `.ndjson` or `.json` file.
            contract: Contract of each row.
            rejects: File for invalid rows, as JSON Lines. Without it, the first invalid row raises.
            limits: When to stop.
        """
        self.read = self.accepted = self.rejected = 0
        self._path, self._contract, self._rejects = path, contract, rejects
        self._limits = limits or Limits()

    def __iter__(self) -> Iterator[Model]:
        """Yield the valid records in the order of the file.

        Raises:
            EdgeError: The file cannot be read, or violates a rule about the whole table.
            TooManyRejectsError: A limit is exceeded.
        """
        self.read = self.accepted = self.rejected = 0
        try:
            with self._open_rejects() as reject, opened(self._path) as file:
                yield from self._records(file, reject)
        except EdgeError as error:
            raise type(error)(f"{self._path}: {error}") from error

    def _records(self, file: TextIO, reject: Callable[[Rejected], None]) -> Iterator[Model]:
        reader = READERS.get(self._path.suffix.lower()) or _stream_reader(self._path, file)
        rules = self._contract.table
        checker = None if rules == TableRules() else TableRuleChecker(rules)
        rejected: Rejected | None = None
        for number, text, outcome in reader(file, self._contract, self._limits.longest):
            self.read += 1
            if type(outcome) is tuple:
                problems = outcome
            elif checker is not None and (problem := checker.check(outcome)):
                problems = (problem,)
            else:
                self.accepted += 1
                yield outcome
                continue
            self.rejected += 1
            rejected = Rejected(number, text, problems)
            reject(rejected)
            self._stop_if_too_many(rejected, check_share=self.read >= MIN_ROWS_FOR_SHARE)
        if rejected:
            self._stop_if_too_many(rejected, check_share=True)
        if checker is not None:
            checker.finish()

    def _stop_if_too_many(self, last: Rejected, *, check_share: bool) -> None:
        limits, location = self._limits, f"row {last.row}: {last}"
        if self._rejects is None:
            raise TooManyRejectsError(location)
        if limits.rejects is not None and self.rejected > limits.rejects:
            raise TooManyRejectsError(
                f"stopped at {location}: {self.rejected} invalid rows, "
                f"the limit is {limits.rejects}"
            )
        if check_share and self.rejected > limits.share * self.read:
            raise TooManyRejectsError(
                f"{self.rejected} of {self.read} rows are invalid, the limit is "
                f"{limits.share:.0%}; see {self._rejects}; the last is {location}"
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
        with writing(path), ExitStack() as files:
            _remove_rejects(path)
            file: TextIO | None = None

            def reject(rejected: Rejected) -> None:
                nonlocal file
                with writing(path):
                    # Opened late, so that a valid file can be read where nothing can be written.
                    file = file or files.enter_context(path.open("w", encoding="utf-8"))
                    print(json.dumps(_as_json(rejected)), file=file)

            yield reject


def is_same_file(one: Path, other: Path) -> bool:
    """Return whether two paths are one file, links followed; devices and pipes may be shared."""
    if one.exists() and other.exists():
        return one.is_file() and one.samefile(other)
    return str(one) != "-" and one.resolve() == other.resolve()


def _stream_reader(path: Path, file: Any) -> Callable[..., Iterator[Any]]:
    """Return the reader of a stream without a file type, by its first character."""
    if str(path) != "-" and (path.is_file() or path.suffix):
        raise EdgeError(f"unknown file type; the name must end in {', '.join(READERS)}")
    first = file.buffer.peek(64).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return {b"[": json_rows, b"{": jsonl_rows}.get(first, csv_rows)


def _remove_rejects(path: Path) -> None:
    """Remove the rejects of an earlier run; leave devices and pipes, and refuse other files."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        start = file.read(64)
    if start and not start.startswith(b'{"row": '):
        raise EdgeError(f"{path} is not a file of rejects; delete it, or name another file")
    if path.is_symlink():
        path.write_bytes(b"")
    else:
        path.unlink()


def _as_json(rejected: Rejected) -> dict[str, Any]:
    """Return a row as JSON that any parser reads: a byte that is not UTF-8 becomes an escape."""
    text = rejected.text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return asdict(rejected) | {"text": text}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an error while writing into one that names the file."""
    try:
        yield
    except OSError as error:
        raise EdgeError(f"cannot write {path}: {error.strerror}") from error
