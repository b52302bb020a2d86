"""Rows of a CSV file.

A row without quotes is split at its commas. An unclosed quote makes only its own line invalid; the
lines after it are read as usual, so that one stray character does not swallow the rest of a file.
"""

import csv
import datetime
from collections.abc import Callable, Iterator
from typing import Any, TextIO, TypeVar, get_args

import pydantic
from pydantic import ValidationError

from .contract import Contract
from .errors import EdgeError, Problem, Row, explain, shorten
from .lines import Lines

Model = TypeVar("Model", bound=Contract)
MAX_LINES = 100  # of one row with line breaks inside quotes
DATE_TYPES = (
    pydantic.AwareDatetime,
    pydantic.FutureDate,
    pydantic.FutureDatetime,
    pydantic.NaiveDatetime,
    pydantic.PastDate,
    pydantic.PastDatetime,
)


def csv_rows(file: TextIO, contract: type[Model], longest: int) -> Iterator[Row[Model]]:
    """Read rows below a header. An empty cell means no value: the default of the field applies.

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
    fields = _fields(contract)
    dates = [index for index, name in enumerate(names) if _is_date(fields[name].annotation)]
    validate: Callable[[Any], Model] = contract.__pydantic_validator__.validate_strings
    for number, first in lines:
        text = first
        if len(text) > longest:
            yield number, text, (_row_problem("length", f"is longer than {longest} characters"),)
            continue
        if '"' in text:
            values, text = _quoted(first, lines, width, longest)
        else:
            values = text.rstrip("\n").split(",")
        if len(values) != width or width == 1 or "\0" in text:
            if text.isspace():
                continue
            if problem := _structure_problem(values, width, text):
                yield number, text, (problem,)
                continue
        record = dict(zip(names, values, strict=True))
        if "" in values:
            record = {name: value for name, value in record.items() if value}
        try:
            model = validate(record)
        except ValidationError as error:
            yield number, text, explain(error)
            continue
        yield number, text, _numeric_dates(names, values, dates) or model


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
    fields = _fields(contract)
    required = {name for name, field in fields.items() if field.is_required()}
    unknown = set() if contract.model_config.get("extra") == "allow" else set(names) - set(fields)
    for problem, columns in (
        ("missing", required - set(names)),
        ("unknown", unknown),
        ("duplicate", {name for name in names if names.count(name) > 1}),
    ):
        if columns:
            noun = "column" if len(columns) == 1 else "columns"
            raise EdgeError(f"{problem} {noun} {', '.join(map(shorten, sorted(columns)))}")


def _fields(contract: type[Contract]) -> dict[str, pydantic.fields.FieldInfo]:
    return {
        alias if isinstance(alias := field.validation_alias, str) else name: field
        for name, field in contract.model_fields.items()
    }


def _is_date(annotation: object) -> bool:
    if get_args(annotation):
        return any(map(_is_date, get_args(annotation)))
    return annotation in DATE_TYPES or (
        isinstance(annotation, type) and issubclass(annotation, datetime.date)
    )


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


def _numeric_dates(names: list[str], values: list[str], dates: list[int]) -> tuple[Problem, ...]:
    """Reject plain digits as a date: pydantic reads them as seconds or milliseconds since 1970."""
    for index in dates:
        if values[index].find("-", 1) < 0 and values[index]:
            reason = "must be an ISO 8601 date or time"
            return (Problem(names[index], shorten(values[index]), "date_form", reason),)
    return ()
