"""Evaluate the detector: metrics, leaderboard and quality gate."""

from dataclasses import asdict
from typing import Any

import numpy as np
from sklearn.metrics import (
    average_precision_score,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
    roc_curve,
)

from ... import anomaly_utils
from ...models.leaderboard import leaderboard
from .. import parameters as declared
from .. import plots
from ..gate import GateError, table
from .features import JudgedWindows
from .training import Scores

DETECTOR = "detector"
Board = list[dict[str, Any]]


def measure(
    detector: anomaly_utils.Detector,
    judged: Scores,
    held_out: JudgedWindows,
    evaluation: declared.Evaluation,
) -> dict[str, float]:
    """Compute metrics of the detector on held-out windows; a faulty window is positive."""
    labels, anomaly = held_out.labels, -judged.scores
    predicted = (judged.scores < detector.offset_).astype(np.int8)
    every = {
        "roc_auc": lambda: roc_auc_score(labels, anomaly),
        "average_precision": lambda: average_precision_score(labels, anomaly),
        "precision": lambda: precision_score(labels, predicted, zero_division=0),
        "recall": lambda: recall_score(labels, predicted, zero_division=0),
        "f1": lambda: f1_score(labels, predicted, zero_division=0),
    }
    return {name: float(every[name]()) for name in evaluation.metrics}


def compare(judged: Scores, baselines: dict[str, list[float]], held_out: JudgedWindows) -> Board:
    """Rank the detector and the baselines, the best first."""
    scores = {name: np.array(each) for name, each in baselines.items()}
    standings = leaderboard({DETECTOR: judged.scores, **scores}, held_out.labels)
    return [asdict(standing) for standing in standings]


def draw(
    detector: anomaly_utils.Detector, judged: Scores, held_out: JudgedWindows, board: Board
) -> dict[str, str]:
    """Draw the loss, the ROC curve, the scores and the leaderboard.

    Returns:
        SVG pictures by name.
    """
    false, true, _ = roc_curve(held_out.labels, -judged.scores)
    faulty = held_out.labels == 1
    pictures = {
        "roc": plots.roc("ROC curve", [*zip(false.tolist(), true.tolist(), strict=True)]),
        "scores": plots.histogram(
            "Scores of held-out windows",
            "score (higher is more normal)",
            {
                "normal": judged.scores[~faulty].tolist(),
                "faulty": judged.scores[faulty].tolist(),
            },
        ),
        "leaderboard": plots.bars("ROC-AUC", {row["name"]: row["roc_auc"] for row in board}),
    }
    losses = [float(loss) for loss in detector.history_]
    if len(losses) > 1:
        epochs = [*enumerate(losses, start=1)]
        pictures["loss"] = plots.curve("Loss in training", "epoch", "loss", epochs)
    return pictures


def accept(board: Board, evaluation: declared.Evaluation) -> dict[str, Any]:
    """Accept the detector if it is good enough to be registered.

    Returns:
        ROC-AUC of the detector and of the best baseline.

    Raises:
        GateError: The detector is too weak; the message contains the leaderboard.
    """
    own = next(each["roc_auc"] for each in board if each["name"] == DETECTOR)
    best = max((each["roc_auc"] for each in board if each["name"] != DETECTOR), default=own)
    if own < evaluation.least:
        raise GateError(
            f"ROC-AUC {own:.4f} is below {evaluation.least} (evaluation.least)\n{table(board)}"
        )
    if best - own > evaluation.tolerance:
        raise GateError(
            f"ROC-AUC {own:.4f} is {best - own:.4f} behind the best baseline, more than "
            f"{evaluation.tolerance} (evaluation.tolerance)\n{table(board)}"
        )
    return {"roc_auc": own, "best_baseline": best}
