"""Rows of a CSV file.

A row without quotes is split at its commas. A quote that is never closed costs its own line only:
what follows is read as usual, because one stray character must not swallow the rest of a file.
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
MOST_LINES = 100  # of one row with line breaks inside quotes
CLOCKS = (
    pydantic.AwareDatetime,
    pydantic.FutureDate,
    pydantic.FutureDatetime,
    pydantic.NaiveDatetime,
    pydantic.PastDate,
    pydantic.PastDatetime,
)


def csv_rows(file: TextIO, contract: type[Model], longest: int) -> Iterator[Row[Model]]:
    """Read rows under a header; an empty cell is no value, so that a field's default applies.

    Args:
        file: Where to read.
        contract: What each row must be.
        longest: Most characters of a line.

    Yields:
        Line number, text, and the model or the problems.

    Raises:
        EdgeError: The header is missing, or does not agree with the contract.
    """
    lines = Lines(file, longest)
    names = _header(lines, contract, longest)
    width = len(names)
    fields = _fields(contract)
    clocks = [at for at, name in enumerate(names) if _is_clock(fields[name].annotation)]
    validate: Callable[[Any], Model] = contract.__pydantic_validator__.validate_strings
    for number, first in lines:
        text = first
        if len(text) > longest:
            yield number, text, (_broken("length", f"is longer than {longest} characters"),)
            continue
        if '"' in text:
            values, text = _quoted(first, lines, width, longest)
        else:
            values = text.rstrip("\n").split(",")
        if len(values) != width or width == 1 or "\0" in text:
            if text.isspace():
                continue
            if problem := _structure(values, width, text):
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
        yield number, text, _guessed(names, values, clocks) or model


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
        _agree(names, contract)
        return names
    raise EdgeError("empty: not even a header")


def _agree(names: list[str], contract: type[Contract]) -> None:
    fields = _fields(contract)
    required = {name for name, field in fields.items() if field.is_required()}
    unknown = set() if contract.model_config.get("extra") == "allow" else set(names) - set(fields)
    for what, found in (
        ("misses", required - set(names)),
        ("has unknown", unknown),
        ("repeats", {name for name in names if names.count(name) > 1}),
    ):
        if found:
            raise EdgeError(f"the header {what} {', '.join(map(shorten, sorted(found)))}")


def _fields(contract: type[Contract]) -> dict[str, pydantic.fields.FieldInfo]:
    return {
        alias if isinstance(alias := field.validation_alias, str) else name: field
        for name, field in contract.model_fields.items()
    }


def _is_clock(annotation: object) -> bool:
    if get_args(annotation):
        return any(map(_is_clock, get_args(annotation)))
    return annotation in CLOCKS or (
        isinstance(annotation, type) and issubclass(annotation, datetime.date)
    )


def _quoted(text: str, lines: Lines, width: int, longest: int) -> tuple[list[str], str]:
    """Read a row with quotes, over several lines where one stays open; no values if it fails."""
    taken: list[tuple[int, str]] = []
    whole = text
    while whole.count('"') % 2 and len(taken) < MOST_LINES and len(whole) <= longest:
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
        lines.give_back(taken)
        return [], text
    return values, whole


def _structure(values: list[str], width: int, text: str) -> Problem | None:
    if not values:
        return _broken("quotes", "has quotes that do not close, or text beside them")
    if len(values) != width:
        return _broken("columns", f"has {len(values)} values for {width} columns")
    return _broken("nul", "has a NUL byte") if "\0" in text else None


def _broken(rule: str, reason: str) -> Problem:
    return Problem("", "", rule, reason)


def _guessed(names: list[str], values: list[str], clocks: list[int]) -> tuple[Problem, ...]:
    """Find bare digits in a date: pydantic reads them as seconds or milliseconds since 1970."""
    for at in clocks:
        if values[at].find("-", 1) < 0 and values[at]:
            reason = "must be an ISO 8601 date or time"
            return (Problem(names[at], shorten(values[at]), "date_form", reason),)
    return ()
