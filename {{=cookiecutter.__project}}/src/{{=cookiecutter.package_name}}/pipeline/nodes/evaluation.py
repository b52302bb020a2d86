"""Evaluate the detector: metrics, leaderboard and quality gate."""

from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score, roc_curve

from ... import anomaly_utils
from .. import evaluating, plots
from .. import parameters as declared
from ..declaration import Objective
from .features import JudgedWindows
from .training import Scores

DETECTOR = "detector"
RANKED = ("roc_auc", "average_precision")
OBJECTIVE = Objective(metric="roc_auc", mode="max")
Board = list[dict[str, Any]]


def measure(
    detector: anomaly_utils.Detector,
    judged: Scores,
    held_out: JudgedWindows,
    validated: Scores,
    validation: JudgedWindows,
    evaluation: declared.Evaluation,
) -> dict[str, float]:
    """Compute metrics of the detector; a faulty window is positive.

    Returns:
        Metrics of the test part with their intervals, and, with the prefix `validation_`, of the
        validation part, by which a sweep chooses.
    """
    found = _measured(detector, judged, held_out, evaluation)
    if evaluation.draws:
        found |= _interval(judged, held_out, evaluation)
    if len(validation.labels):
        values = _measured(detector, validated, validation, evaluation)
        found |= {f"validation_{name}": value for name, value in values.items()}
    return found


def _measured(
    detector: anomaly_utils.Detector,
    judged: Scores,
    part: JudgedWindows,
    evaluation: declared.Evaluation,
) -> dict[str, float]:
    anomaly, predicted = -judged.scores, (judged.scores < detector.offset_).astype(np.int8)
    return evaluating.measure(evaluation.metrics, part.labels, predicted, anomaly)


def _interval(
    judged: Scores, part: JudgedWindows, evaluation: declared.Evaluation
) -> dict[str, float]:
    """Return the interval of ROC-AUC, by the bootstrap."""

    def roc_auc(rows: np.ndarray) -> float:
        labels = part.labels[rows]
        return (
            float(roc_auc_score(labels, -judged.scores[rows])) if 0 < labels.mean() < 1 else np.nan
        )

    draws, block = evaluation.draws, evaluation.block
    low, high = evaluating.interval(roc_auc, len(part.labels), draws=draws, block=block)
    return {"roc_auc_low": low, "roc_auc_high": high}


def compare(judged: Scores, baselines: dict[str, list[float]], held_out: JudgedWindows) -> Board:
    """Rank the detector and the baselines, the best first."""
    scores = {DETECTOR: judged.scores, **{name: np.array(each) for name, each in baselines.items()}}
    labels = held_out.labels
    rows = {
        name: evaluating.measure(RANKED, labels, labels, -each) for name, each in scores.items()
    }
    return evaluating.ranked(rows, OBJECTIVE)


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
    limit, tolerance = evaluation.least, evaluation.tolerance
    return evaluating.accept(board, DETECTOR, OBJECTIVE, limit=limit, tolerance=tolerance)
