"""How thin the data is around a window, compared with its neighbours."""

from sklearn.neighbors import LocalOutlierFactor

from .. import parameters as stated
from . import Floats


class Backend:
    """Scores a window by its local density."""

    def __init__(self, parameters: stated.LocalOutlierFactor, _seed: int) -> None:
        """Take the number of neighbours; there is no chance in it."""
        self.parameters = parameters

    def fit(self, windows: Floats) -> None:
        """Keep the windows, and the density around each."""
        neighbours = min(self.parameters.neighbours, len(windows) - 1)
        self.factor = LocalOutlierFactor(
            n_neighbors=neighbours,
            algorithm="brute",  # a search tree is no type that a file may hold
            novelty=True,
        ).fit(windows)

    def normality(self, windows: Floats) -> Floats:
        """Return the negative local outlier factor of each window; -1 is as dense as around it."""
        scores: Floats = self.factor.score_samples(windows)
        return scores
