"""Rows of JSON files: an object on each line (JSON Lines), or an array of objects (JSON)."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import TextIO, TypeVar

from .contract import Contract, columns_of
from .errors import EdgeError, Problem, Row, explain, shorten
from .forms import ISO_UTC, is_underflow, may_be_tiny
from .lines import CHUNK, Lines

Model = TypeVar("Model", bound=Contract)
BLANK = re.compile(r"[ \t\r\n]*")
KEY = re.compile(r'"[ \t\r\n]*:')


def jsonl_rows(file: TextIO, contract: type[Model], longest: int) -> Iterator[Row[Model]]:
    """Read one object from each line that is not blank.

    Args:
        file: Open file.
        contract: Contract of each object.
        longest: Maximum number of characters in a line.

    Yields:
        Line number, text, the model or the problems, and the text of the ordered column if it is
        of the usual form of a time.
    """
    columns = columns_of(contract)
    name = next((name for name, field in columns.items() if field == contract.table.ordered), "")
    keys = (f'"{name}":"', f'"{name}": "') if name.isidentifier() else ()
    for number, text in Lines(file, longest):
        if len(text) > longest:
            problem = Problem("", "", "length", f"is longer than {longest} characters")
            yield number, text, (problem,), None
        elif not text.isspace():
            yield number, text, _validated(text, contract), _time_of(text, keys)


def _time_of(text: str, keys: tuple[str, ...]) -> str | None:
    """Return the text of a time, such as `2026-01-05T08:00:00Z`, of an object without others."""
    if text.count("{") == 1:
        for key in keys:
            start = text.find(key) + len(key)
            if start >= len(key) and text[start + ISO_UTC : start + ISO_UTC + 1] == '"':
                return text[start : start + ISO_UTC]
    return None


def json_rows(file: TextIO, contract: type[Model], longest: int) -> Iterator[Row[Model]]:
    """Read the objects of an array one by one, so that memory stays flat for any length.

    Args:
        file: Open file.
        contract: Contract of each object.
        longest: Maximum number of characters in an object.

    Yields:
        Position in the array (from 1), text, the model or the problems, and no text of the ordered
        column.

    Raises:
        EdgeError: The file is not JSON from some position on, so that rows cannot be separated.
    """
    for number, text in enumerate(_Items(file, longest), start=1):
        yield number, text, _validated(text, contract), None


def _validated(text: str, contract: type[Model]) -> Model | tuple[Problem, ...]:
    try:
        # As bytes, so that the parser rejects invalid UTF-8.
        content = text if text.isascii() else text.encode("utf-8", "surrogateescape")
        model: Model = contract.__pydantic_validator__.validate_json(content)
    except Exception as error:  # validators may raise anything
        return explain(error)
    # The parser keeps only the last value of a repeated key.
    given = len(model.__pydantic_fields_set__)
    has_gaps = '" ' in text or '"\t' in text or '"\n' in text or '"\r' in text
    is_odd = (has_gaps or text.count('":') != given) and len(KEY.findall(text)) > given
    if is_odd and (name := _repeated_key(text)):
        return (Problem(name, "", "unique", "is given twice"),)
    if may_be_tiny(text) and (number := _underflow(text)):
        reason = "has a number that is too small, which would be 0"
        return (Problem("", shorten(number), "underflow", reason),)
    return model


def _underflow(text: str) -> str:
    """Return a number of a JSON text that would be 0; empty if there is none."""
    found: list[str] = []

    def read(number: str) -> float:
        found.extend([number] if is_underflow(number) else [])
        return 0.0

    json.loads(text, parse_float=read)
    return found[0] if found else ""


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
