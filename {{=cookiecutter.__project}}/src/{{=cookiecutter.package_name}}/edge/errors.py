"""What is wrong, as a sentence with its place."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

Model = TypeVar("Model")
LONGEST_VALUE = 80
SENTENCES = {
    "extra_forbidden": "is not in the contract",
    "missing": "is missing",
}


class EdgeError(Exception):
    """Input that cannot be read at all; the message says what, where and why."""


class TooManyRejectsError(EdgeError):
    """More bad rows than the limits allow."""


@dataclass(frozen=True)
class Problem:
    """One broken rule.

    Attributes:
        column: The field's name, with dots for nested ones; empty for the row as a whole.
        value: What was found, shortened.
        rule: The rule's short name, such as `greater_than_equal` or `key`.
        reason: The end of a sentence that begins with the column.
    """

    column: str
    value: str
    rule: str
    reason: str

    def __str__(self) -> str:
        """Say it as a sentence."""
        found = f", not {self.value}" if self.value else ""
        return f"{self.column or 'the row'} {self.reason}{found}"


Row = tuple[int, str, Model | tuple[Problem, ...]]  # number, text, and what came of it


@dataclass(frozen=True)
class Rejected:
    """A row that breaks its contract.

    Attributes:
        row: The line of the file (CSV, JSON Lines) or the position in the array (JSON), from 1.
        text: The row as it stands in the file.
        problems: Every rule it breaks.
    """

    row: int
    text: str
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        """Say all problems in one line."""
        return "; ".join(map(str, self.problems))


def shorten(value: object) -> str:
    """Show a value in at most 80 characters, on one line."""
    if isinstance(value, str):
        value = value[: LONGEST_VALUE + 1]
    shown = repr(value)
    return shown if len(shown) <= LONGEST_VALUE else shown[: LONGEST_VALUE - 1] + "…"


def explain(error: ValidationError) -> tuple[Problem, ...]:
    """Turn pydantic's errors into problems, in the order of the fields."""
    return tuple(map(_problem, error.errors(include_url=False)))


def sentences(problems: Iterable[Problem]) -> str:
    """Join problems into one line."""
    return "; ".join(map(str, problems))


def _problem(detail: ErrorDetails) -> Problem:
    rule, place = detail["type"], ".".join(map(str, detail["loc"]))
    reason = SENTENCES.get(rule) or re.sub(r"^\w+ should ", "must ", detail["msg"])
    reason = reason.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    value = "" if rule in {"missing", "value_error"} else shorten(detail["input"])
    return Problem(place, value, rule, reason)
