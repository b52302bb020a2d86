"""The one detector: scales windows, hands them to a backend, and sets the threshold."""

from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OutlierMixin

from .parameters import Callbacks, ModelParameters, Scaling
from .training import Progress

Floats = NDArray[np.float64]


class Detector(OutlierMixin, BaseEstimator):  # type: ignore[misc]
    """An outlier detector after scikit-learn's protocol, of any registered kind.

    Attributes:
        history_: Loss of each epoch; empty for kinds without epochs.
        offset_: The score below which a window is anomalous.
    """

    history_: Floats
    offset_: float

    def __init__(
        self,
        model: ModelParameters | None = None,
        *,
        scaling: Scaling = "standard",
        contamination: float = 0.1,
        random_state: int = 0,
        callbacks: Callbacks | None = None,
    ) -> None:
        self.model = model
        self.scaling = scaling
        self.contamination = contamination
        self.random_state = random_state
        self.callbacks = callbacks

    def fit(self, X: Floats, y: object = None) -> Self:  # noqa: N803 (scikit-learn's name)
        """Train on windows, of shape (n, d)."""
        raise NotImplementedError

    def train(
        self, windows: Floats, *, checkpoints: Path | None = None, progress: Progress | None = None
    ) -> Self:
        """Train, with checkpoints in a directory and news of each epoch."""
        raise NotImplementedError

    def score_samples(self, X: Floats) -> Floats:  # noqa: N803
        """Return a score for each window, of shape (n,): higher is more normal."""
        raise NotImplementedError

    def decision_function(self, X: Floats) -> Floats:  # noqa: N803
        """Return how far each score is above the threshold: below 0 is anomalous."""
        scores: Floats = self.score_samples(X) - self.offset_
        return scores

    def predict(self, X: Floats) -> NDArray[np.int_]:  # noqa: N803
        """Return -1 for each anomalous window and 1 for each normal one."""
        return np.where(self.decision_function(X) < 0, -1, 1)
