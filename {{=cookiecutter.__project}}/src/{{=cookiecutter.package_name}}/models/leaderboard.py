"""Rank detectors by their metrics."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score


@dataclass(frozen=True)
class Standing:
    """One row of a leaderboard.

    Attributes:
        name: Name of the detector.
        roc_auc: Area under the ROC curve, from 0 to 1; an anomaly is the positive class.
        average_precision: Area under the precision-recall curve, from 0 to 1.
    """

    name: str
    roc_auc: float
    average_precision: float


def leaderboard(
    scores: Mapping[str, NDArray[np.float64]], labels: NDArray[np.int8]
) -> list[Standing]:
    """Rank detectors, the best first; sort ties by name.

    Args:
        scores: Scores of each detector, of shape (n,): higher is more normal.
        labels: 1 for an anomaly and 0 for a normal window, of shape (n,).

    Raises:
        ValueError: All labels are the same, so that no metric is defined.
    """
    if len(set(labels.tolist())) < 2:
        raise ValueError(
            "all labels are the same: a leaderboard needs normal windows and anomalies"
        )
    standings = [
        Standing(
            name,
            float(roc_auc_score(labels, -each)),
            float(average_precision_score(labels, -each)),
        )
        for name, each in scores.items()
    ]
    return sorted(standings, key=lambda standing: (-standing.roc_auc, standing.name))
