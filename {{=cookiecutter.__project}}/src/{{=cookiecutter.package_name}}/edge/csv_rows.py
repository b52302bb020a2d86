"""Rows of a CSV file.

A row without quotes is split at its commas. An unclosed quote makes only its own line invalid; the
lines after it are read as usual, so that one stray character does not swallow the rest of a file.
"""

import csv
import re
from collections.abc import Callable, Collection, Iterator
from copy import copy
from functools import partial
from types import NoneType
from typing import Any, Literal, TextIO, TypeVar, get_args, get_origin

from pydantic import BeforeValidator, create_model

from .columns import ColumnReader, column_reader, has_plain_time
from .contract import Contract, column_of, columns_of
from .errors import EdgeError, Problem, explain, shorten
from .forms import form_of, is_numeric, is_underflow
from .lines import Lines
from .rows import BLOCK, Block, Row, by_blocks, joined

Model = TypeVar("Model", bound=Contract)
MAX_LINES = 100  # of one row with line breaks inside quotes
MAX_CELL = 1 << 27  # characters; the lines limit it, not the csv module
DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")
DECIMAL_POINT = re.compile(r"[-+]?\d+\.\d+")
SWAPPED = str.maketrans(",.", ".,")  # a decimal point then is not one of a number
NULL_WORDS = {"NA", "N/A", "NaN", "nan", "null", "NULL", "None", "none", "nil", "\\N", "-", "?"}
# Names of rules of pydantic about numbers -> what a word in their place may be.
HINTS = {"int_parsing", "float_parsing", "decimal_parsing", "int_from_float", "bool_parsing"}


def csv_rows(
    file: TextIO, contract: type[Model], longest: int, *, block: int = BLOCK, make: bool = True
) -> Iterator[list[Row[Model]] | Block]:
    """Read rows below a header.

    An empty cell means no value: the default of the field applies, or null if it has none. Two
    quotes are an empty text.

    Args:
        file: Open file.
        contract: Contract of each row, and its dialect.
        longest: Maximum number of characters in a line.
        block: Number of rows that are read at once.
        make: Whether records are made; otherwise a block has the values that table rules use.

    Yields:
        Rows: line number, text, the model or the problems, and the cell of an ordered time. Or
        a block of valid rows.

    Raises:
        EdgeError: The header is missing or does not match the contract.
    """
    lines = Lines(file, longest)
    names = _header(lines, contract)
    reader, columns = _Reader(contract, names), _column_reader(contract, names)

    def read(first: int, texts: list[str]) -> Block | None:
        cells = _columns(texts, reader.delimiter, reader.width) if columns else None
        return columns.read(first, texts, cells, make=make) if columns and cells else None

    def read_single(end: int) -> list[Row[Model]]:
        rows = (_row(number, text, lines, reader) for number, text in lines.until(end))
        return [row for row in rows if row]

    return by_blocks(lines, block, read, read_single)


def _column_reader(contract: type[Contract], names: list[str]) -> ColumnReader | None:
    dialect = contract.dialect
    has_own_form = dialect.decimal != "." or dialect.nulls or len(names) == 1
    return None if has_own_form else column_reader(contract, tuple(names))


def _columns(texts: list[str], delimiter: str, width: int) -> list[list[str]] | None:
    """Return the cells of each column; None if a row may have another number of them."""
    whole = joined(texts)
    if "\0" in whole or '""' in whole:
        return None
    if '"' in whole:
        try:
            rows = list(csv.reader(texts, strict=True, delimiter=delimiter))
        except csv.Error:
            return None
        if len(rows) != len(texts) or set(map(len, rows)) != {width}:
            return None
        return list(map(list, zip(*rows, strict=True)))
    if "\r" in whole:
        return None
    # A line end becomes a cell of its own: all have their place if each row has its cells.
    flat = whole.replace("\n", f"{delimiter}\n{delimiter}").split(delimiter)
    step, ends = width + 1, len(texts) - 1
    if len(flat) != ends * step + width or flat[width::step] != ["\n"] * ends:
        return None
    return [flat[at::step] for at in range(width)]


def _row(number: int, first: str, lines: Lines, reader: "_Reader") -> Row[Any] | None:
    """Return a row that may have quotes; None for a blank line."""
    if len(first) > lines.longest:
        problem = _row_problem("length", f"is longer than {lines.longest} characters")
        return number, first, (problem,), None
    text, delimiter, width = first, reader.delimiter, reader.width
    if '"' in first:
        values, text = _quoted(first, lines, width, delimiter)
    else:
        values = text.rstrip("\r\n").split(delimiter)
    if len(values) != width or width == 1 or "\0" in text:
        if text.isspace():
            return None
        if found := _structure_problem(values, width, text):
            return number, text, (found,), None
    empty = _empty_texts(text, delimiter) if '""' in text else ()
    return number, text, reader.row(values, empty), reader.ordered(values)


class _Reader:
    """Reader of rows as text, for what the quick way does not read, and for its messages."""

    def __init__(self, contract: type[Contract], names: list[str]) -> None:
        fields = columns_of(contract)
        infos = [contract.model_fields.get(fields.get(name, "")) for name in names]
        self._names = names
        forms = [(name, info and form_of(info)) for name, info in zip(names, infos, strict=True)]
        self._forms = [(name, form) for name, form in forms if form]
        self._has_comma = contract.dialect.decimal == ","
        self._numeric = [info is not None and is_numeric(info) for info in infos]
        self._validate = _validator(contract)
        wanted, found = contract.table.ordered or "", [fields.get(name) for name in names]
        is_known = wanted in found and has_plain_time(contract, wanted)
        self._ordered = found.index(wanted) if is_known else None
        self.delimiter, self.width = contract.dialect.delimiter, len(names)
        self._absent = {"", *contract.dialect.nulls}

    def row(self, values: list[str], empty: Collection[int] = ()) -> Any:
        """Return the record of a row, or its problems.

        Args:
            values: The cells.
            empty: Positions of cells that are an empty text, not absent.
        """
        texts = self._with_points(values) if self._has_comma else values
        cells = dict(zip(self._names, texts, strict=True))
        if not self._absent.isdisjoint(values):
            for at, value in enumerate(values):
                if value in self._absent and at not in empty:
                    del cells[self._names[at]]
        try:
            record = self._validate(cells)
        except Exception as error:  # validators may raise anything
            return tuple([self._with_hint(problem, values) for problem in explain(error)])
        for name, (pattern, *rule) in self._forms:
            text = cells.get(name)
            if text is None:
                continue
            if not pattern.fullmatch(text):
                value = shorten(values[self._names.index(name)])
                return (Problem(name, value, *rule),)
            if is_underflow(text):
                reason = "is too small for a number, which would be 0"
                return (Problem(name, shorten(text), "underflow", reason),)
        return record

    def ordered(self, values: list[str]) -> str | None:
        """Return the cell of the ordered column, if its text may stand for its value."""
        return None if self._ordered is None else values[self._ordered]

    def _with_points(self, values: list[str]) -> list[str]:
        """Return values with decimal points; a point in a number makes it invalid."""
        return [
            value.translate(SWAPPED) if is_number else value
            for value, is_number in zip(values, self._numeric, strict=True)
        ]

    def _with_hint(self, problem: Problem, values: list[str]) -> Problem:
        """Show the value as it is written, and name what a dialect would declare."""
        if problem.rule not in HINTS and not self._has_comma:
            return problem
        if problem.column not in self._names or not problem.value:
            return problem
        value = values[self._names.index(problem.column)]
        if self._has_comma:
            problem = problem._replace(value=shorten(value))
        if problem.rule not in HINTS:
            return problem
        if self._has_comma and DECIMAL_POINT.fullmatch(value):
            hint = 'Dialect(decimal=".")'
        elif not self._has_comma and DECIMAL_COMMA.fullmatch(value):
            hint = 'Dialect(decimal=",")'
        elif value in NULL_WORDS:
            hint = f"Dialect(nulls=({value!r},))"
        else:
            return problem
        return problem._replace(reason=f"{problem.reason} (declare {hint} if it is meant)")


def _validator(contract: type[Model]) -> Callable[[Any], Model]:
    """Return a function that validates a row of text.

    An absent nullable field is null, and a number of a `Literal` is read from its digits.
    """
    validate: Callable[[Any], Model] = contract.__pydantic_validator__.validate_strings
    changed: dict[str, Any] = {}
    nullable = set()
    for name, field in contract.model_fields.items():
        own = copy(field)
        options = (field.annotation, *get_args(field.annotation))
        if field.is_required() and NoneType in options:
            own.default = None
            nullable.add(name)
        numbers = {str(each): each for option in options for each in _numbers_of(option)}
        if numbers:
            own.metadata = [*field.metadata, BeforeValidator(partial(_number, numbers))]
        if numbers or name in nullable:
            changed[name] = (field.annotation, own)
    if not changed:
        return validate
    loose = create_model(contract.__name__, __base__=contract, **changed)

    def validate_row(record: Any) -> Model:
        model: Any = loose.__pydantic_validator__.validate_strings(record)
        object.__setattr__(model, "__class__", contract)
        model.__pydantic_fields_set__.update(nullable)
        return model  # type: ignore[no-any-return]

    return validate_row


def _numbers_of(annotation: Any) -> tuple[int, ...]:
    """Return the values of a `Literal` of integers only."""
    values = get_args(annotation) if get_origin(annotation) is Literal else ()
    return values if set(map(type, values)) == {int} else ()


def _number(numbers: dict[str, int], value: Any) -> Any:
    return numbers.get(value, value) if isinstance(value, str) else value


def _empty_texts(text: str, delimiter: str) -> set[int]:
    """Return the positions of the cells that are two quotes."""
    between = re.escape(delimiter)
    cell = re.compile(rf'("(?:[^"]|"")*"|[^{between}"]*)(?:{between}|$)', re.DOTALL)
    cells = cell.findall(text.rstrip("\r\n"))
    return {index for index, cell in enumerate(cells) if cell == '""'}


def _header(lines: Lines, contract: type[Contract]) -> list[str]:
    dialect = contract.dialect
    if not dialect.header:
        fields = columns_of(contract)
        return [column_of(fields, field) for field in contract.model_fields]
    for number, text in lines:
        if text.isspace():
            continue
        if len(text) > lines.longest or "\0" in text:
            raise EdgeError("the header is not text, or is too long")
        if number == 1 and (stated := re.fullmatch(r"sep=(.)\s*", text)):  # as Excel writes it
            if stated[1] != dialect.delimiter:
                raise EdgeError(f"separated by {stated[1]!r}; declare {_dialect(stated[1])}")
            continue
        while text.count('"') % 2 and (more := next(lines, None)) and len(text) <= lines.longest:
            text += more[1]  # noqa: PLW2901 (a name may have a line break)
        try:
            names = next(_reader(text, dialect.delimiter))
        except csv.Error as error:
            raise EdgeError(f"the header is not CSV: {error}") from error
        _check_header(names, contract)
        return names
    raise EdgeError("empty file: no header")


def _reader(text: str, delimiter: str) -> Any:
    csv.field_size_limit(MAX_CELL)
    return csv.reader([text], strict=True, delimiter=delimiter)


def _check_header(names: list[str], contract: type[Contract]) -> None:
    fields = columns_of(contract)
    found = [fields[name] for name in names if name in fields]
    missing = {
        column_of(fields, field)
        for field, info in contract.model_fields.items()
        if info.is_required() and field not in found
    }
    unknown = set() if contract.model_config.get("extra") == "allow" else set(names) - set(fields)
    repeated = {name for name in names if names.count(name) > 1}
    repeated |= {name for name in names if name in fields and found.count(fields[name]) > 1}
    for problem, columns in (
        ("missing", missing),
        ("unknown", unknown),
        ("duplicate", repeated),
    ):
        if columns:
            noun = "column" if len(columns) == 1 else "columns"
            hint = _dialect_hint(names, contract)
            raise EdgeError(f"{problem} {noun} {', '.join(map(shorten, sorted(columns)))}{hint}")


def _dialect(delimiter: str) -> str:
    return f"Dialect(delimiter={delimiter!r}) in the contract"


def _dialect_hint(names: list[str], contract: type[Contract]) -> str:
    """Return what a header that does not match seems to be."""
    used, fields = contract.dialect.delimiter, columns_of(contract)
    words = {";": "semicolons", "\t": "tabs", "|": "bars", ",": "commas"}
    for sign, word in words.items():
        if len(names) == 1 and sign != used and sign in names[0]:
            return f"; the file seems to be separated by {word}: declare {_dialect(sign)}"
    if names[-1] == "" and names.count("") == 1:
        return f"; the header ends with {used!r}"
    lower = {name.strip().lower() for name in names}
    if lower.issuperset(map(str.lower, fields)):
        return f"; names are compared exactly, and the header has {', '.join(map(repr, names))}"
    if lower.isdisjoint(map(str.lower, fields)) and len(names) == len(contract.model_fields):
        return "; if there is no header, declare Dialect(header=False) in the contract"
    return ""


def _quoted(text: str, lines: Lines, width: int, delimiter: str) -> tuple[list[str], str]:
    """Parse a row with quotes, which may span several lines; return no values if it is invalid."""
    taken: list[str] = []
    whole = text
    while whole.count('"') % 2 and len(taken) < MAX_LINES and len(whole) <= lines.longest:
        more = next(lines, None)
        if more is None:
            break
        taken.append(more[1])
        whole += more[1]
    try:
        values = next(_reader(whole, delimiter))
    except csv.Error:
        values = []
    if taken and len(values) != width:
        lines.push_back(taken)
        return [], text
    return values, whole


def _structure_problem(values: list[str], width: int, text: str) -> Problem | None:
    if not values:
        return _row_problem("quotes", "has unclosed quotes, or text next to quotes")
    if len(values) != width:
        return _row_problem("columns", f"has {len(values)} values for {width} columns")
    return _row_problem("nul", "has a NUL byte") if "\0" in text else None


def _row_problem(rule: str, reason: str) -> Problem:
    return Problem("", "", rule, reason)
