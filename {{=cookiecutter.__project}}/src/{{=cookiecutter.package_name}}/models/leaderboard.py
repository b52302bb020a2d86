"""How detectors stand against each other."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Standing:
    """One detector's place.

    Attributes:
        name: Of the detector.
        roc_auc: Area under the ROC curve, from 0 to 1; an anomaly is the positive.
        average_precision: Area under the precision-recall curve, from 0 to 1.
    """

    name: str
    roc_auc: float
    average_precision: float


def leaderboard(
    scores: Mapping[str, NDArray[np.float64]], labels: NDArray[np.int8]
) -> list[Standing]:
    """Rank detectors, the best first; equal ones in the order of their names.

    Args:
        scores: For each detector, its scores of shape (n,): higher is more normal.
        labels: 1 for an anomaly and 0 for a normal window, of shape (n,).

    Raises:
        ValueError: The labels are all the same, so that nothing can be told apart.
    """
    raise NotImplementedError


def behind(standings: list[Standing], name: str) -> float:
    """Return by how much ROC-AUC a detector is behind the best of the others, 0 if it is not."""
    raise NotImplementedError
