"""Rows of JSON files: an object on each line (JSON Lines), or an array of objects (JSON)."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import TextIO, TypeVar

from pydantic import ValidationError

from .contract import Contract
from .errors import EdgeError, Problem, Row, explain
from .lines import CHUNK, Lines

Model = TypeVar("Model", bound=Contract)
BLANK = re.compile(r"[ \t\r\n]*")
KEY = re.compile(r'"[ \t\r\n]*:')


def jsonl_rows(file: TextIO, contract: type[Model], longest: int) -> Iterator[Row[Model]]:
    """Read one object from each line that is not blank.

    Args:
        file: Where to read.
        contract: What each object must be.
        longest: Most characters of a line.

    Yields:
        Line number, text, and the model or the problems.
    """
    for number, text in Lines(file, longest):
        if len(text) > longest:
            yield number, text, (Problem("", "", "length", f"is longer than {longest} characters"),)
        elif not text.isspace():
            yield number, text, _checked(text, contract)


def json_rows(file: TextIO, contract: type[Model], longest: int) -> Iterator[Row[Model]]:
    """Read the objects of an array one after the other, however long the array is.

    Args:
        file: Where to read.
        contract: What each object must be.
        longest: Most characters of an object.

    Yields:
        Position in the array (from 1), text, and the model or the problems.

    Raises:
        EdgeError: From some place on the file is not JSON, so that no row can be told.
    """
    for number, text in enumerate(_Items(file, longest), start=1):
        yield number, text, _checked(text, contract)


def _checked(text: str, contract: type[Model]) -> Model | tuple[Problem, ...]:
    try:
        # Bytes, so that what is not UTF-8 is found by the parser.
        model = contract.model_validate_json(text.encode("utf-8", "surrogateescape"))
    except ValidationError as error:
        return explain(error)
    # The parser keeps the last of two values, and a value would be lost.
    if len(KEY.findall(text)) > len(model.model_fields_set) and (name := _repeated(text)):
        return (Problem(name, "", "unique", "is given twice"),)
    return model


def _repeated(text: str) -> str | None:
    """Return a key that some object of a JSON text has twice."""
    found: list[str] = []

    def note(pairs: list[tuple[str, object]]) -> None:
        counts = Counter(key for key, _ in pairs)
        found.extend(key for key, count in counts.items() if count > 1)

    json.loads(text, object_pairs_hook=note)
    return found[0] if found else None


class _Items:
    """The texts of an array's items, one after the other."""

    def __init__(self, file: TextIO, longest: int) -> None:
        # Numbers stay text: a number of a million digits is no reason to compute.
        self._decode = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode
        self._file, self._longest = file, longest
        self._buffer, self._at, self._count, self._ended = "", 0, 0, False

    def __iter__(self) -> Iterator[str]:
        self._mark("[")
        if self._mark("]", "") == "]":
            return self._finish()
        while True:
            yield self._item()
            if self._mark(",", "]") == "]":
                return self._finish()

    def _mark(self, *allowed: str) -> str:
        """Take the next character; an allowed empty string means that it may stay."""
        while True:
            blank = BLANK.match(self._buffer, self._at)
            self._at = blank.end() if blank else self._at
            if self._at < len(self._buffer) or not self._more():
                break
        found = self._buffer[self._at : self._at + 1]
        if found in allowed and found:
            self._at += 1
        elif "" not in allowed:
            place = f"after item {self._count}" if self._count else "at the start"
            wanted = " or ".join(map(repr, allowed))
            raise EdgeError(f"not a JSON array: {found!r} {place} where {wanted} belongs")
        return found

    def _item(self) -> str:
        self._count += 1
        while True:
            try:
                _, end = self._decode(self._buffer, self._at)
            except ValueError as error:
                end, reason = -1, str(error).partition(":")[0]
            except RecursionError:
                raise EdgeError(f"item {self._count} is nested too deeply") from None
            # A number at the buffer's end may go on.
            if 0 <= end < len(self._buffer) or (end >= 0 and self._ended):
                text, self._at = self._buffer[self._at : end], end
                return text
            if len(self._buffer) - self._at > self._longest:
                raise EdgeError(f"item {self._count} is not JSON within {self._longest} characters")
            if not self._more() and end < 0:
                raise EdgeError(f"item {self._count} is not JSON: {reason}")

    def _more(self) -> bool:
        rest = self._buffer[self._at :]
        chunk = self._file.read(max(CHUNK, len(rest)))
        self._buffer, self._at, self._ended = rest + chunk, 0, not chunk
        return bool(chunk)

    def _finish(self) -> None:
        if self._mark(""):
            raise EdgeError(f"text after the array's end, after item {self._count}")
