"""Errors of the edge, and validation errors as sentences that name the column."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails, ValidationError

MAX_VALUE_LENGTH = 80
SENTENCES = {
    "extra_forbidden": "is not in the contract",
    "missing": "is missing",
    "missing_argument": "is missing",
    "datetime_object_invalid": "must be a date and time in the years 1 to 9999",
}
SUBJECT = re.compile(r"^[\w ]+? should ")
PREDICATES = ("must ", "is ", "has ", "have ", "does ", "cannot ")


class EdgeError(Exception):
    """Input that cannot be read; the message names the file, the row and the reason."""


class TooManyRejectsError(EdgeError):
    """More invalid rows than the limits allow."""


class Problem(NamedTuple):
    """One violated rule.

    Attributes:
        column: Name of the field, with dots for nested fields; empty for the whole row.
        value: The invalid value, shortened.
        rule: Short name of the rule, such as `greater_than_equal` or `key`.
        reason: End of a sentence that begins with the column.
    """

    column: str
    value: str
    rule: str
    reason: str

    def __str__(self) -> str:
        """Return the problem as a sentence."""
        actual = f", not {self.value}" if self.value else ""
        return f"{self.column or 'the row'} {self.reason}{actual}"


class Rejected(NamedTuple):
    """A row that violates its contract.

    Attributes:
        row: Line of the file (CSV, JSON Lines) or position in the array (JSON), from 1.
        text: The row as written in the file.
        problems: Every rule that it violates.
    """

    row: int
    text: str
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        """Return all problems as one line."""
        return sentences(self.problems)


def shorten(value: object) -> str:
    """Return a value as text of at most 80 characters, on one line."""
    if isinstance(value, str):
        value = value[: MAX_VALUE_LENGTH + 1]
    shown = repr(value)
    return shown if len(shown) <= MAX_VALUE_LENGTH else shown[: MAX_VALUE_LENGTH - 1] + "…"


def explain(error: Exception) -> tuple[Problem, ...]:
    """Convert errors of pydantic to problems, in the order of the fields.

    Any other error comes from code in a validator, and is a problem of the whole row.
    """
    if not isinstance(error, _validation_error()):
        reason = f"cannot be validated ({type(error).__name__}: {error})"
        return (Problem("", "", "validator", reason),)
    return tuple(map(_problem, error.errors(include_url=False, include_context=False)))


def sentences(problems: Iterable[Problem]) -> str:
    """Join problems into one line."""
    return "; ".join(map(str, problems))


@cache
def _validation_error() -> "type[ValidationError]":
    from pydantic import ValidationError  # slow import, not needed to report an error

    return ValidationError


@contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """Turn an error while writing a file into one that names it.

    Raises:
        EdgeError: The file cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise EdgeError(f"cannot write {path}: {error.strerror}") from error
    except UnicodeEncodeError as error:
        text = shorten(error.object[error.start : error.end])
        raise EdgeError(f"cannot write {path}: {text} is no {error.encoding} text") from error


def _problem(detail: "ErrorDetails") -> Problem:
    rule, value, steps = detail["type"], detail["input"], detail["loc"]
    column = str(steps[0]) if len(steps) == 1 else _dotted(steps)
    if isinstance(value, bytes) and rule == "json_invalid":
        value = value[: MAX_VALUE_LENGTH + 1].decode("utf-8", "backslashreplace")
    shown = "" if rule in {"missing", "value_error"} else shorten(value)
    return Problem(column, shown, rule, _reason(rule, detail["msg"]))


def _dotted(steps: Iterable[object]) -> str:
    """Join the steps to a value; one such as `function-after[is_even(), int]` is no part of it."""
    return ".".join([step for step in map(str, steps) if "[" not in step])


@lru_cache(maxsize=1000)
def _reason(rule: str, message: str) -> str:
    reason = SENTENCES.get(rule) or SUBJECT.sub("must ", message, count=1)
    reason = reason.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if rule == "json_invalid":
        return f"is not JSON ({reason.removeprefix('Invalid JSON: ')})"
    return reason if reason.startswith(PREDICATES) else f"is invalid: {reason}"
