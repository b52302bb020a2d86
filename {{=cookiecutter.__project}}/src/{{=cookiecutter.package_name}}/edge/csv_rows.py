"""Rows of a CSV file.

A row without quotes is split at its commas. An unclosed quote makes only its own line invalid; the
lines after it are read as usual, so that one stray character does not swallow the rest of a file.
"""

import csv
import re
from collections.abc import Callable, Iterator
from copy import copy
from types import NoneType
from typing import Any, TextIO, TypeVar, get_args

from pydantic import create_model

from .contract import Contract, columns_of
from .errors import EdgeError, Problem, Row, explain, shorten
from .forms import form_of
from .lines import Lines

Model = TypeVar("Model", bound=Contract)
MAX_LINES = 100  # of one row with line breaks inside quotes
CELL = re.compile(r'("(?:[^"]|"")*"|[^,"]*)(?:,|$)', re.DOTALL)


def csv_rows(file: TextIO, contract: type[Model], longest: int) -> Iterator[Row[Model]]:
    """Read rows below a header.

    An empty cell means no value: the default of the field applies, or null if it has none. Two
    quotes are an empty text.

    Args:
        file: Open file.
        contract: Contract of each row.
        longest: Maximum number of characters in a line.

    Yields:
        Line number, text, and the model or the problems.

    Raises:
        EdgeError: The header is missing or does not match the contract.
    """
    lines = Lines(file, longest)
    names = _header(lines, contract, longest)
    width = len(names)
    fields = columns_of(contract)
    forms = [
        (index, form)
        for index, name in enumerate(names)
        if name in fields and (form := form_of(contract.model_fields[fields[name]]))
    ]
    validate = _validator(contract)
    for number, first in lines:
        text = first
        if len(text) > longest:
            yield number, text, (_row_problem("length", f"is longer than {longest} characters"),)
            continue
        if '"' in text:
            values, text = _quoted(first, lines, width, longest)
        else:
            values = text.rstrip("\r\n").split(",")
        if len(values) != width or width == 1 or "\0" in text:
            if text.isspace():
                continue
            if problem := _structure_problem(values, width, text):
                yield number, text, (problem,)
                continue
        record = dict(zip(names, values, strict=True))
        if "" in values:
            empty = _empty_texts(text) if '""' in text else ()
            record = {
                name: value
                for index, (name, value) in enumerate(record.items())
                if value or index in empty
            }
        try:
            model = validate(record)
        except Exception as error:  # validators may raise anything
            yield number, text, explain(error)
            continue
        yield number, text, _form_problems(names, values, forms) or model


def _validator(contract: type[Model]) -> Callable[[Any], Model]:
    """Return a function that validates a row of text; an absent nullable field is null."""
    validate: Callable[[Any], Model] = contract.__pydantic_validator__.validate_strings
    nullable: dict[str, Any] = {}
    for name, field in contract.model_fields.items():
        if field.is_required() and NoneType in get_args(field.annotation):
            absent = copy(field)
            absent.default = None
            nullable[name] = (field.annotation, absent)
    if not nullable:
        return validate
    loose = create_model(contract.__name__, __base__=contract, **nullable)

    def validate_row(record: Any) -> Model:
        model: Any = loose.__pydantic_validator__.validate_strings(record)
        object.__setattr__(model, "__class__", contract)
        model.__pydantic_fields_set__.update(nullable)
        return model  # type: ignore[no-any-return]

    return validate_row


def _empty_texts(text: str) -> set[int]:
    """Return the positions of the cells that are two quotes."""
    cells = CELL.findall(text.rstrip("\r\n"))
    return {index for index, cell in enumerate(cells) if cell == '""'}


def _header(lines: Lines, contract: type[Contract], longest: int) -> list[str]:
    for _, text in lines:
        if text.isspace():
            continue
        if len(text) > longest or "\0" in text:
            raise EdgeError("the header is not text, or is too long")
        try:
            names = next(csv.reader([text], strict=True))
        except csv.Error as error:
            raise EdgeError(f"the header is not CSV: {error}") from error
        _check_header(names, contract)
        return names
    raise EdgeError("empty file: no header")


def _check_header(names: list[str], contract: type[Contract]) -> None:
    fields = columns_of(contract)
    required = {name for name in fields if contract.model_fields[fields[name]].is_required()}
    unknown = set() if contract.model_config.get("extra") == "allow" else set(names) - set(fields)
    for problem, columns in (
        ("missing", required - set(names)),
        ("unknown", unknown),
        ("duplicate", {name for name in names if names.count(name) > 1}),
    ):
        if columns:
            noun = "column" if len(columns) == 1 else "columns"
            hint = _dialect_hint(names)
            raise EdgeError(f"{problem} {noun} {', '.join(map(shorten, sorted(columns)))}{hint}")


def _dialect_hint(names: list[str]) -> str:
    """Return what a header without commas seems to be separated by."""
    for sign, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(names) == 1 and sign in names[0]:
            return f"; the file seems to be separated by {word}, not by commas"
    return ""


def _quoted(text: str, lines: Lines, width: int, longest: int) -> tuple[list[str], str]:
    """Parse a row with quotes, which may span several lines; return no values if it is invalid."""
    taken: list[tuple[int, str]] = []
    whole = text
    while whole.count('"') % 2 and len(taken) < MAX_LINES and len(whole) <= longest:
        more = next(iter(lines), None)
        if more is None:
            break
        taken.append(more)
        whole += more[1]
    try:
        values = next(csv.reader([whole], strict=True))
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


def _form_problems(names: list[str], values: list[str], forms: list[Any]) -> tuple[Problem, ...]:
    """Reject what pydantic would guess: digits as a date, `1_000`, `1.0` as an integer, `yes`."""
    for index, (form, rule, reason) in forms:
        if not form.fullmatch(values[index]) and values[index]:
            return (Problem(names[index], shorten(values[index]), rule, reason),)
    return ()
