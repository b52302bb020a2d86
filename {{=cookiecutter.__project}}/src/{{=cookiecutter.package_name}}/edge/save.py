"""Write records to a file, atomically, in a form that reads back equal."""

import gzip
import os
import re
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from .contract import Contract, Dialect, column_of, columns_of
from .csv_rows import MAX_LINES, csv_rows
from .errors import EdgeError, Problem, sentences, shorten, write_errors
from .json_rows import jsonl_rows
from .lines import file_type, opened

DECIMAL = re.compile(r"-?\d+\.\d+([eE][-+]?\d+)?")
LONGEST = 1 << 20  # characters of a line
BLANK = 0, "", (Problem("", "", "blank", "would be a blank line"),)
FILE_TYPES = (".csv", ".tsv", ".jsonl", ".ndjson")


@contextmanager
def saving(path: Path, contract: type[Contract]) -> Iterator[Callable[[Contract], None]]:
    """Write records to a `.csv` or `.jsonl` file, which appears when all records are written.

    Args:
        path: The file; one that was written from the same contract is replaced, and a link is
            followed. A device, a pipe, or `-` for the standard output is written to, as CSV if the
            name has no type. A name that ends in `.gz` is compressed.
        contract: Contract of the records; its fields are the columns, its dialect that of CSV.

    Yields:
        A function that writes one record.

    Raises:
        EdgeError: The file cannot be written, or cannot hold a record so that it reads back equal;
            an existing file is left unchanged.
    """
    # What the standard output is redirected to may be a file, which is not to be replaced.
    is_open = str(path) in {"-", "/dev/stdout", "/dev/stderr"} or path.is_relative_to("/dev/fd")
    is_stream = is_open or (path.exists() and not path.is_file())
    type_ = file_type(path)
    if type_ not in FILE_TYPES and not (is_stream and not type_):
        endings = ", ".join(FILE_TYPES)
        raise EdgeError(
            f"cannot write {path}: the name must end in {endings}, or one of these and .gz"
        )
    is_csv, dialect = type_ in {".csv", ".tsv", ""}, contract.dialect
    columns = columns_of(contract)
    names = [column_of(columns, field) for field in contract.model_fields]
    has_header = is_csv and dialect.header
    header = dialect.delimiter.join(_cell(name, dialect) for name in names) if has_header else ""
    start = f"{header}\n" if has_header else "" if is_csv else '{"' + names[0] + '":'
    encoding = dialect.encoding if is_csv else "utf-8"
    final = path.resolve()
    part = final.with_name(f".{final.name}.{os.getpid()}.part")
    with ExitStack() as files:
        with write_errors(path):
            if not is_stream and path.exists():
                _refuse_other_file(path, start, encoding)
            if not is_stream:
                files.callback(part.unlink, missing_ok=True)
            file = sys.stdout if str(path) == "-" else _open(path, part, encoding, is_stream)
            files.callback(_close, file)
            file.write(start if has_header else "")
        line_of = _verified_lines(contract, start if has_header else "", is_csv=is_csv)

        def write(record: Contract) -> None:
            line = line_of(record)
            with write_errors(path):
                file.write(line)

        yield write
        with write_errors(path):
            file.flush()
            if not is_stream:
                file.close()
                part.replace(final)


def _open(path: Path, part: Path, encoding: str, is_stream: bool) -> Any:
    opener: Any = gzip.open if path.suffix.lower() == ".gz" else open
    return opener(path if is_stream else part, "wt", encoding=encoding, newline="")


def _close(file: Any) -> None:
    """Close a file after an error, which is the one to report."""
    if file is not sys.stdout:
        with suppress(OSError):
            file.close()


def _refuse_other_file(path: Path, start: str, encoding: str) -> None:
    """Refuse to replace a file, unless it is empty or begins as one of this contract does."""
    try:
        with opened(path, encoding) as file:
            found = file.read(max(1, len(start)))
    except EdgeError as error:
        raise EdgeError(f"cannot write {path}: it exists and cannot be read: {error}") from error
    if found and (not start or found != start):
        raise EdgeError(f"cannot write {path}: it was not written from this contract; delete it")


class _Lines:
    """Lines that a reader gets as they are written."""

    def __init__(self) -> None:
        self._text = ""

    def append(self, text: str) -> None:
        self._text += text

    def read(self, _size: int = -1) -> str:
        text, self._text = self._text, ""
        return text


def _verified_lines(
    contract: type[Contract], header: str, *, is_csv: bool
) -> Callable[[Contract], str]:
    """Return a function that gives the line of a record, once the reader has read it back."""
    lines: Any = _Lines()
    lines.append(header)
    reader = csv_rows if is_csv else jsonl_rows
    parts: Any = reader(lines, contract, LONGEST, block=1)
    rows: Iterator[Any] = chain.from_iterable(parts)
    text_of = _csv_text(contract) if is_csv else _json_text(contract)

    def line_of(record: Contract) -> str:
        try:
            text = text_of(record) + "\n"
        except ValueError as error:  # such as an iterator whose items are invalid
            reason = str(error).splitlines()[0]
            raise EdgeError(f"cannot be written ({reason}): {shorten(record)}") from error
        if is_csv and text.count("\n") > MAX_LINES:
            reason = f"CSV cannot hold a text of {MAX_LINES} lines; write JSON Lines"
            raise EdgeError(f"{reason}: {shorten(record)}")
        lines.append(text)
        found: Any = next(rows, BLANK)[2]
        if found != record:
            reason = sentences(found) if isinstance(found, tuple) else f"gives {shorten(found)}"
            if repr(found) == repr(record):  # NaN is not equal to itself, and a secret is not shown
                if _secrets(found.model_dump()) == _secrets(record.model_dump()):
                    return text
                reason = "a secret is not written; leave its field out of the contract"
            raise EdgeError(f"cannot be read back from a file ({reason}): {shorten(record)}")
        return text

    return line_of


def _secrets(value: Any) -> list[str]:
    """Return what the secrets in a value hide, sorted."""
    if hasattr(value, "get_secret_value"):
        return [repr(value.get_secret_value())]
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if not isinstance(value, list | tuple | set | frozenset | deque):
        return []
    return sorted(secret for each in value for secret in _secrets(each))


def _csv_text(contract: type[Contract]) -> Callable[[Contract], str]:
    computed, dialect = set(contract.model_computed_fields), contract.dialect

    def text_of(record: Contract) -> str:
        values = record.model_dump(mode="json", exclude=computed, round_trip=True).values()
        return dialect.delimiter.join([_cell(each, dialect) for each in values])

    return text_of


def _json_text(contract: type[Contract]) -> Callable[[Contract], str]:
    """Return a function that gives the text of a record, by the names that are read."""
    computed, columns = set(contract.model_computed_fields), columns_of(contract)
    read = {
        info.serialization_alias or field: column_of(columns, field)
        for field, info in contract.model_fields.items()
    }
    if all(name == other for name, other in read.items()):
        return lambda record: record.model_dump_json(
            by_alias=True, exclude=computed, round_trip=True
        )

    def text_of(record: Contract) -> str:
        values = record.model_dump(mode="json", by_alias=True, exclude=computed, round_trip=True)
        return to_json({read.get(name, name): value for name, value in values.items()}).decode()

    return text_of


def _cell(value: object, dialect: Dialect) -> str:
    if isinstance(value, dict | list):
        raise EdgeError(f"CSV cannot hold a nested value; write JSON Lines: {value!r}")
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if dialect.decimal == "," and (isinstance(value, float) or DECIMAL.fullmatch(text)):
        text = text.replace(".", ",")
    is_plain = text and not text.isspace() and not set(text) & {dialect.delimiter, *'"\r\n'}
    return text if is_plain else '"' + text.replace('"', '""') + '"'
