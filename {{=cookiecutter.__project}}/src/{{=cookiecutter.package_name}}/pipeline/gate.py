"""What stops a detector that is not good enough."""

from collections.abc import Mapping, Sequence
from typing import Any


class GateError(Exception):
    """The detector is not good enough to be registered."""


def table(board: Sequence[Mapping[str, Any]]) -> str:
    """Write a leaderboard as text, a line for each detector."""
    width = max(len(row["name"]) for row in board)
    lines = [f"{'':{width}}  ROC-AUC  average precision"]
    lines += [
        f"{row['name']:{width}}  {row['roc_auc']:7.4f}  {row['average_precision']:17.4f}"
        for row in board
    ]
    return "\n".join(lines)
