"""Rows of JSON files: an object on each line (JSON Lines), or an array of objects (JSON)."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import TextIO, TypeVar

from .contract import Contract, columns_of
from .errors import EdgeError, Problem, Row, explain, shorten
from .forms import DATE_REASON, is_date
from .lines import CHUNK, Lines

Model = TypeVar("Model", bound=Contract)
BLANK = re.compile(r"[ \t\r\n]*")
KEY = re.compile(r'"[ \t\r\n]*:')
QUOTED_NUMBER = re.compile(r':[ \t\r\n]*"[-+]?[\d.]+"')


def jsonl_rows(file: TextIO, contract: type[Model], longest: int) -> Iterator[Row[Model]]:
    """Read one object from each line that is not blank.

    Args:
        file: Open file.
        contract: Contract of each object.
        longest: Maximum number of characters in a line.

    Yields:
        Line number, text, and the model or the problems.
    """
    for number, text in Lines(file, longest):
        if len(text) > longest:
            yield number, text, (Problem("", "", "length", f"is longer than {longest} characters"),)
        elif not text.isspace():
            yield number, text, _validated(text, contract)


def json_rows(file: TextIO, contract: type[Model], longest: int) -> Iterator[Row[Model]]:
    """Read the objects of an array one by one, so that memory stays flat for any length.

    Args:
        file: Open file.
        contract: Contract of each object.
        longest: Maximum number of characters in an object.

    Yields:
        Position in the array (from 1), text, and the model or the problems.

    Raises:
        EdgeError: The file is not JSON from some position on, so that rows cannot be separated.
    """
    for number, text in enumerate(_Items(file, longest), start=1):
        yield number, text, _validated(text, contract)


def _validated(text: str, contract: type[Model]) -> Model | tuple[Problem, ...]:
    try:
        # As bytes, so that the parser rejects invalid UTF-8.
        model = contract.model_validate_json(text.encode("utf-8", "surrogateescape"))
    except Exception as error:  # validators may raise anything
        return explain(error)
    if QUOTED_NUMBER.search(text) and (problems := _numeric_dates(text, contract)):
        return problems
    # The parser keeps only the last value of a repeated key.
    if len(KEY.findall(text)) > len(model.model_fields_set) and (name := _repeated_key(text)):
        return (Problem(name, "", "unique", "is given twice"),)
    return model


def _numeric_dates(text: str, contract: type[Contract]) -> tuple[Problem, ...]:
    """Reject plain digits as a date: pydantic reads them as seconds or milliseconds since 1970."""
    record = json.loads(text)
    return tuple(
        Problem(name, shorten(record[name]), "date_form", DATE_REASON)
        for name, field in columns_of(contract).items()
        if is_date(contract.model_fields[field])
        and isinstance(record.get(name), str)
        and record[name].find("-", 1) < 0
    )


def _repeated_key(text: str) -> str | None:
    """Return a key that an object of a JSON text has twice, or None."""
    repeated: list[str] = []

    def collect(pairs: list[tuple[str, object]]) -> None:
        counts = Counter(key for key, _ in pairs)
        repeated.extend(key for key, count in counts.items() if count > 1)

    json.loads(text, object_pairs_hook=collect)
    return repeated[0] if repeated else None


class _Items:
    """Iterator over the texts of the items of an array."""

    def __init__(self, file: TextIO, longest: int) -> None:
        # Numbers stay text: converting a million digits takes too long.
        self._decode = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode
        self._file, self._longest = file, longest
        self._buffer, self._position, self._count, self._ended = "", 0, 0, False

    def __iter__(self) -> Iterator[str]:
        self._next_delimiter("[")
        if self._next_delimiter("]", "") == "]":
            return self._finish()
        while True:
            yield self._item()
            if self._next_delimiter(",", "]") == "]":
                return self._finish()

    def _next_delimiter(self, *allowed: str) -> str:
        """Consume the next character if it is allowed; an empty string allows any, unconsumed."""
        while True:
            blank = BLANK.match(self._buffer, self._position)
            self._position = blank.end() if blank else self._position
            if self._position < len(self._buffer) or not self._read_more():
                break
        found = self._buffer[self._position : self._position + 1]
        if found in allowed and found:
            self._position += 1
        elif "" not in allowed:
            location = f"after item {self._count}" if self._count else "at the start"
            expected = " or ".join(map(repr, allowed))
            raise EdgeError(f"not a JSON array: expected {expected} {location}, not {found!r}")
        return found

    def _item(self) -> str:
        self._count += 1
        while True:
            try:
                _, end = self._decode(self._buffer, self._position)
            except ValueError as error:
                end, reason = -1, str(error).partition(":")[0]
            except RecursionError:
                raise EdgeError(f"item {self._count} is nested too deeply") from None
            # A number at the end of the buffer may be incomplete.
            if 0 <= end < len(self._buffer) or (end >= 0 and self._ended):
                text, self._position = self._buffer[self._position : end], end
                return text
            if len(self._buffer) - self._position > self._longest:
                raise EdgeError(f"item {self._count} is not JSON within {self._longest} characters")
            if not self._read_more() and end < 0:
                raise EdgeError(f"item {self._count} is not JSON: {reason}")

    def _read_more(self) -> bool:
        rest = self._buffer[self._position :]
        chunk = self._file.read(max(CHUNK, len(rest)))
        self._buffer, self._position, self._ended = rest + chunk, 0, not chunk
        return bool(chunk)

    def _finish(self) -> None:
        if self._next_delimiter(""):
            raise EdgeError(f"unexpected text after the end of the array (item {self._count})")
