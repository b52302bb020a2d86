"""The loader: a file in, checked records out, and every bad row in the rejects file."""

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
from .rules import Watch

Model = TypeVar("Model", bound=Contract)
READERS: dict[str, Callable[..., Iterator[Any]]] = {
    ".csv": csv_rows,
    ".json": json_rows,
    ".jsonl": jsonl_rows,
    ".ndjson": jsonl_rows,
}
SETTLED = 1000  # rows before a share says something


@dataclass(frozen=True)
class Limits:
    """When to give a file up.

    Attributes:
        rejects: Most bad rows, or None for no limit.
        share: Largest share of bad rows, from 0 to 1: looked at from the 1,000th row on, and at
            the end.
        longest: Most characters of a row.
    """

    rejects: int | None = None
    share: float = 1.0
    longest: int = 1 << 20


class Load(Generic[Model]):
    """Iterate over it for the good records; `accepted + rejected == read` at every moment.

    Attributes:
        read: Rows read so far.
        accepted: Rows that keep the contract.
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
        """Prepare; nothing is opened before the first record is asked for.

        Args:
            path: A `.csv`, `.jsonl`, `.ndjson` or `.json` file.
            contract: What each row must be.
            rejects: Where bad rows go, as JSON Lines. Without it the first one stops the run.
            limits: When to give up.
        """
        self.read = self.accepted = self.rejected = 0
        self._path, self._contract, self._rejects = path, contract, rejects
        self._limits = limits or Limits()

    def __iter__(self) -> Iterator[Model]:
        """Yield the good records in the order of the file.

        Raises:
            EdgeError: The file as a whole is refused.
            TooManyRejectsError: A limit is passed.
        """
        self.read = self.accepted = self.rejected = 0
        try:
            with opened(self._path) as file, self._rejecting() as reject:
                yield from self._records(file, reject)
        except EdgeError as error:
            raise type(error)(f"{self._path}: {error}") from error

    def _records(self, file: TextIO, reject: Callable[[Rejected], None]) -> Iterator[Model]:
        reader = READERS.get(self._path.suffix.lower())
        if reader is None:
            raise EdgeError(f"the name must end in {', '.join(READERS)}")
        rules = self._contract.table
        watch = None if rules == TableRules() else Watch(rules)
        rejected: Rejected | None = None
        for number, text, outcome in reader(file, self._contract, self._limits.longest):
            self.read += 1
            if type(outcome) is tuple:
                problems = outcome
            elif watch is not None and (problem := watch.check(outcome)):
                problems = (problem,)
            else:
                self.accepted += 1
                yield outcome
                continue
            self.rejected += 1
            rejected = Rejected(number, text, problems)
            reject(rejected)
            self._stop_if_too_many(rejected, settled=self.read >= SETTLED)
        if rejected:
            self._stop_if_too_many(rejected, settled=True)
        if watch is not None:
            watch.finish()

    def _stop_if_too_many(self, last: Rejected, *, settled: bool) -> None:
        limits, where = self._limits, f"row {last.row}: {last}"
        if self._rejects is None:
            raise TooManyRejectsError(where)
        if limits.rejects is not None and self.rejected > limits.rejects:
            raise TooManyRejectsError(
                f"stopped at {where}: {self.rejected} bad rows; the limit is {limits.rejects}"
            )
        if settled and self.rejected > limits.share * self.read:
            raise TooManyRejectsError(
                f"{self.rejected} of {self.read} rows are bad; the limit is {limits.share:.0%}; "
                f"the last is {where}; all are in {self._rejects}"
            )

    @contextmanager
    def _rejecting(self) -> Iterator[Callable[[Rejected], None]]:
        """Give a function that writes a reject; a run without rejects leaves no file."""
        path = self._rejects
        if path is None:
            yield lambda _: None
            return
        if path.exists():
            if path.samefile(self._path):
                raise EdgeError("the rejects file must be another file")
            with writing(path):
                path.unlink()  # what an earlier run said
        with ExitStack() as files:
            file: TextIO | None = None

            def reject(rejected: Rejected) -> None:
                nonlocal file
                with writing(path):
                    # Opened late, so that a good file can be read where nothing can be written.
                    file = file or files.enter_context(path.open("w", encoding="utf-8"))
                    print(json.dumps(asdict(rejected)), file=file)

            yield reject


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say of which file it is that it cannot be written."""
    try:
        yield
    except OSError as error:
        raise EdgeError(f"cannot write {path}: {error.strerror}") from error
