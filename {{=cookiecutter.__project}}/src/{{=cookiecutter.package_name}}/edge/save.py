"""Write records to a file, atomically, in a form that reads back equal."""

import io
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from .contract import Contract, columns_of
from .csv_rows import csv_rows
from .errors import EdgeError
from .json_rows import jsonl_rows

FILE_TYPES = (".csv", ".jsonl", ".ndjson")


@contextmanager
def saving(path: Path, contract: type[Contract]) -> Iterator[Callable[[Contract], None]]:
    """Write records to a `.csv` or `.jsonl` file, which appears when all records are written.

    Args:
        path: The file; one that was written from the same contract is replaced, and a link is
            followed. A device, a pipe, or `-` for the standard output is written to, as CSV if the
            name has no type.
        contract: Contract of the records; its fields are the columns.

    Yields:
        A function that writes one record.

    Raises:
        EdgeError: The file cannot be written, or cannot hold a record so that it reads back equal;
            an existing file is left unchanged.
    """
    is_stream = str(path) == "-" or path.is_relative_to("/dev") or path.exists() > path.is_file()
    if path.suffix.lower() not in FILE_TYPES and not (is_stream and not path.suffix):
        raise EdgeError(f"cannot write {path}: the name must end in {', '.join(FILE_TYPES)}")
    is_csv = path.suffix.lower() in {".csv", ""}
    header = ",".join(map(_cell, columns_of(contract))) + "\n" if is_csv else ""
    final = path.resolve()
    part = final.with_name(f".{final.name}.{os.getpid()}.part")
    try:
        if not is_stream and path.exists():
            _refuse_other_file(path, header or "{")
        with _open(path, part, is_stream=is_stream) as file:
            file.write(header)
            yield _writer(file, contract, header)
        if not is_stream:
            part.replace(final)
    except OSError as error:
        raise EdgeError(f"cannot write {path}: {error.strerror}") from error
    finally:
        if not is_stream:
            part.unlink(missing_ok=True)


def _open(path: Path, part: Path, *, is_stream: bool) -> Any:
    if str(path) == "-":
        return nullcontext(sys.stdout)
    return (path if is_stream else part).open("w", encoding="utf-8", newline="")


def _refuse_other_file(path: Path, start: str) -> None:
    with path.open("rb") as file:
        found = file.read(len(start.encode()))
    if found and found != start.encode():
        raise EdgeError(f"cannot write {path}: it was not written from this contract; delete it")


class _Lines:
    """Lines that a reader gets as they are written."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque()

    def append(self, text: str) -> None:
        self._lines.extend(io.StringIO(text, newline=""))

    def readline(self, _size: int = -1) -> str:
        return self._lines.popleft() if self._lines else ""


def _writer(file: Any, contract: type[Contract], header: str) -> Callable[[Contract], None]:
    """Return a function that writes a record once the reader has read it back."""
    lines: Any = _Lines()
    lines.append(header)
    rows: Iterator[Any] = (csv_rows if header else jsonl_rows)(lines, contract, 1 << 20)
    computed = set(contract.model_computed_fields)

    def write(record: Contract) -> None:
        if header:
            values = record.model_dump(mode="json", exclude=computed)
            text = ",".join(map(_cell, values.values())) + "\n"
        else:
            text = record.model_dump_json(by_alias=True, exclude=computed) + "\n"
        lines.append(text)
        found = next(rows, (0, "", ()))[2]
        if found != record and repr(found) != repr(record):  # NaN is not equal to itself
            reason = "; ".join(map(str, found)) if isinstance(found, tuple) else f"gives {found!r}"
            raise EdgeError(f"cannot be read back from a file ({reason}): {record!r}")
        file.write(text)

    return write


def _cell(value: object) -> str:
    if isinstance(value, dict | list):
        raise EdgeError(f"CSV cannot hold a nested value; write JSON Lines: {value!r}")
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return '"' + text.replace('"', '""') + '"' if not text or set(text) & set(',"\r\n') else text
