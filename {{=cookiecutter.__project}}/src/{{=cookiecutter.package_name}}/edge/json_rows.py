"""Rows of JSON files: an object on each line (JSON Lines), or an array of objects (JSON)."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import TextIO, TypeVar

from .columns import ColumnReader, column_reader
from .contract import Contract
from .errors import EdgeError, Problem, explain, shorten
from .forms import is_underflow, may_be_tiny
from .lines import CHUNK, Lines
from .rows import BLOCK, Block, Row, by_blocks, joined

Model = TypeVar("Model", bound=Contract)
BLANK = re.compile(r"[ \t\r\n]*")
KEY = re.compile(r'"[ \t\r\n]*:')
# Characters that JSON allows nowhere in a line: they stand for what is between two values.
CONTROLS = [chr(code) for code in range(32)]
MARKS = [each for each in CONTROLS if each not in "\t\n\r"]
NO_MARKS = bytes(range(32, 256))
TO_LINE_ENDS = bytes.maketrans("".join(CONTROLS).encode(), b"\n" * len(CONTROLS))


def jsonl_rows(
    file: TextIO, contract: type[Model], longest: int, *, block: int = BLOCK, make: bool = True
) -> Iterator[list[Row[Model]] | Block]:
    """Read one object from each line that is not blank.

    Args:
        file: Open file.
        contract: Contract of each object.
        longest: Maximum number of characters in a line.
        block: Number of lines that are read at once.
        make: Whether records are made; otherwise a block has the values that table rules use.

    Yields:
        Rows: line number, text, the model or the problems, and no text of the ordered column. Or a
        block of valid rows.
    """
    lines = Lines(file, longest)
    forms: list[_Form] = []

    def read(first: int, texts: list[str]) -> Block | None:
        if not forms and (found := _form_of(texts[0], contract)):
            forms.append(found)
        return forms[0].read(first, texts, make=make) if forms else None

    def read_single(end: int) -> list[Row[Model]]:
        rows = lines.until(end)
        return [_row(number, text, contract, longest) for number, text in rows if text.strip()]

    return by_blocks(lines, block, read, read_single)


def _row(number: int, text: str, contract: type[Model], longest: int) -> Row[Model]:
    if len(text) <= longest:
        return number, text, _validated(text, contract), None
    problem = Problem("", "", "length", f"is longer than {longest} characters")
    return number, text, (problem,), None


class _Form:
    """The form of lines that have the same keys in the same order, and no escape in a text.

    What is between the values is the same in each line, so that the values are cells.
    """

    def __init__(self, columns: ColumnReader, keys: list[str], space: str) -> None:
        """Write down what is between the values.

        Args:
            columns: Reader of the cells.
            keys: The keys, as JSON.
            space: What is behind a colon and a comma.
        """
        quotes = ["" if is_raw else '"' for is_raw in columns.raw]
        starts = [f"{key}:{space}{quote}" for key, quote in zip(keys, quotes, strict=True)]
        self._columns, self._width = columns, len(keys)
        self._start, self._end = "{" + starts[0], quotes[-1] + "}"
        self._between = [
            (f"{quote},{space}{start}", MARKS[at])
            for at, (quote, start) in enumerate(zip(quotes, starts[1:], strict=False))
        ]
        self._marks = "".join(mark for _, mark in self._between) + "\n"

    def read(self, first: int, texts: list[str], *, make: bool) -> Block | None:
        """Return lines as a block; None if one is not valid, or has to be read alone."""
        whole, start, end = joined(texts), self._start, self._end
        if "\\" in whole or not whole.startswith(start) or not whole.endswith(end):
            return None
        values = whole[len(start) : -len(end)].replace(f"{end}\n{start}", "\n")
        for text, mark in self._between:
            values = values.replace(text, mark)
        try:
            content = values.encode()
        except UnicodeEncodeError:  # bytes that are no text
            return None
        marks = (self._marks * len(texts))[:-1].encode()
        if b'"' in content or content.translate(None, NO_MARKS) != marks:
            return None
        flat = content.translate(TO_LINE_ENDS).decode().split("\n")
        cells = [flat[at :: self._width] for at in range(self._width)]
        return self._columns.read(first, texts, cells, make=make)


def _form_of(line: str, contract: type[Contract]) -> _Form | None:
    """Return the form of a line; None if rows of this contract have to be read one by one."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    keys = list(found) if isinstance(found, dict) else []
    columns = column_reader(contract, tuple(keys)) if 0 < len(keys) <= len(MARKS) else None
    if columns is None:
        return None
    names = [json.dumps(key, ensure_ascii=False) for key in keys]
    return _Form(columns, names, " " if line.startswith("{" + names[0] + ": ") else "")


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
            self._next_delimiter("")  # blanks before the next item

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
