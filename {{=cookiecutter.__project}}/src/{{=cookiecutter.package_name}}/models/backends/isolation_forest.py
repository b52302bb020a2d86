"""How soon random cuts set a window apart."""

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest

from .. import parameters as stated

Floats = NDArray[np.float64]


class Backend:
    """Scores a window by its mean depth in random trees."""

    def __init__(self, parameters: stated.IsolationForest, seed: int) -> None:
        """Take the parameters, and where chance begins."""
        self.parameters = parameters
        self.seed = seed

    def fit(self, windows: Floats) -> None:
        """Grow the trees."""
        self.forest = IsolationForest(
            n_estimators=self.parameters.trees,
            max_samples=min(self.parameters.sample, len(windows)),
            random_state=self.seed,
        ).fit(windows)

    def normality(self, windows: Floats) -> Floats:
        """Return scikit-learn's score of each window, from -1 to 0."""
        scores: Floats = self.forest.score_samples(windows)
        return scores
