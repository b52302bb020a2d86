"""Errors of the pipeline, and how a command shows expected ones: a few lines and exit code 1."""

import math
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from ..edge import EdgeError

LIMIT = 2000  # characters of a message


class ConfigurationError(Exception):
    """The configuration is invalid; each line of the message has file, key and reason."""


class GateError(Exception):
    """The model is not good enough to be registered."""


class StepError(Exception):
    """A step failed, as on data that it cannot process; the message is one line."""


@contextmanager
def friendly_errors() -> Iterator[None]:
    """Print an expected error in a few lines and exit with code 1."""
    from ..tracking.port import TrackingError

    try:
        yield
    except (
        ConfigurationError,
        EdgeError,
        GateError,
        MemoryError,
        ModuleNotFoundError,
        OSError,
        StepError,
        TrackingError,
    ) as error:
        typer.echo(f"error: {message(error)}", err=True)
        raise typer.Exit(1) from error


def message(error: BaseException) -> str:
    """Return what an error says, without the lists that some libraries put into it."""
    if isinstance(error, shutil.Error):  # one for each file of a directory that was copied
        failures = error.args[0]
        source, _, reason = failures[0]
        others = f" (and {len(failures) - 1} other files)" if len(failures) > 1 else ""
        return f"{source}{others}: {reason}"
    if isinstance(error, MemoryError):
        return f"not enough memory: {str(error) or 'choose a smaller model, or less data'}"
    text = str(error) or type(error).__name__
    return text if len(text) <= LIMIT else f"{text[:LIMIT]} …"


def comparable(metric: str, value: float) -> float:
    """Return a value of a metric that decides between models.

    Raises:
        GateError: It is not a number, which is neither better nor worse than any other value.
    """
    if math.isnan(value):
        raise GateError(f"{metric} is not a number (NaN), so no model can be compared by it")
    return value


def table(board: Sequence[Mapping[str, Any]]) -> str:
    """Return a leaderboard as text: a line for each model, a column for each metric."""
    if not board:
        return ""
    columns = [*dict.fromkeys(name for row in board for name in row if name != "name")]
    rows = [["", *columns]]
    rows += [[str(row["name"]), *(_cell(row.get(name)) for name in columns)] for row in board]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows
    )


def _cell(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else "" if value is None else str(value)
