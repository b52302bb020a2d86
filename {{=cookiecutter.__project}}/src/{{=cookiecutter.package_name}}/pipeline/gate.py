"""The quality gate: reject a model that is not good enough."""

from collections.abc import Mapping, Sequence
from typing import Any

Board = Sequence[Mapping[str, Any]]


class GateError(Exception):
    """The model is not good enough to be registered."""


def table(board: Board) -> str:
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
