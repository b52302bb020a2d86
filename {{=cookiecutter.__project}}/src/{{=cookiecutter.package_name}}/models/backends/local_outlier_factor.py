"""Local outlier factor: anomalies have a lower density than their neighbours."""

from sklearn.neighbors import LocalOutlierFactor

from .. import parameters as declared
from . import Floats


class Backend:
    """Scores a window by its local density."""

    def __init__(self, parameters: declared.LocalOutlierFactor, _seed: int) -> None:
        """Set the parameters; the model uses no random numbers."""
        self.parameters = parameters

    def fit(self, windows: Floats) -> None:
        """Store the windows and the density around each of them."""
        neighbours = min(self.parameters.neighbours, len(windows) - 1)
        self.factor = LocalOutlierFactor(
            n_neighbors=neighbours,
            algorithm="brute",  # skops cannot store a search tree
            novelty=True,
        ).fit(windows)

    def normality(self, windows: Floats) -> Floats:
        """Return the negative factor of each window; -1 is as dense as its neighbours."""
        scores: Floats = self.factor.score_samples(windows)
        return scores
