"""The quality gate: reject a detector that is not good enough."""

from collections.abc import Mapping, Sequence
from typing import Any


class GateError(Exception):
    """The detector is not good enough to be registered."""


def table(board: Sequence[Mapping[str, Any]]) -> str:
    """Return a leaderboard as text, with one line per detector."""
    width = max(len(row["name"]) for row in board)
    lines = [f"{'':{width}}  ROC-AUC  average precision"]
    lines += [
        f"{row['name']:{width}}  {row['roc_auc']:7.4f}  {row['average_precision']:17.4f}"
        for row in board
    ]
    return "\n".join(lines)
