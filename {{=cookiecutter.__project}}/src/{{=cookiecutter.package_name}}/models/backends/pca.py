"""Reconstruction from principal components."""

from sklearn.decomposition import PCA

from ..parameters import Pca
from . import Floats, closeness


class Backend:
    """Scores a window by what its principal components leave out of it."""

    def __init__(self, parameters: Pca, _seed: int) -> None:
        """Take the number of components; there is no chance in it."""
        self.parameters = parameters

    def fit(self, windows: Floats) -> None:
        """Find the components, one fewer than there could be at most: all of them lose nothing."""
        most = max(min(windows.shape) - 1, 1)
        self.pca = PCA(min(self.parameters.components, most), svd_solver="full").fit(windows)

    def normality(self, windows: Floats) -> Floats:
        """Return the negative mean squared error of each window."""
        rebuilt = self.pca.inverse_transform(self.pca.transform(windows))
        return closeness(windows, rebuilt)
