"""Evaluate the detector: metrics, leaderboard and quality gate."""

from dataclasses import asdict
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score, roc_curve

from ... import anomaly_utils
from ...models.leaderboard import leaderboard
from .. import evaluating, plots
from .. import parameters as declared
from ..gate import GateError, table
from .features import JudgedWindows
from .training import Scores

DETECTOR = "detector"
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
