"""Reconstruction from principal components."""

from sklearn.decomposition import PCA

from ..parameters import Pca
from . import Floats, closeness


class Backend:
    """Scores a window by the error of its reconstruction from principal components."""

    def __init__(self, parameters: Pca, _seed: int) -> None:
        """Set the parameters; the model uses no random numbers."""
        self.parameters = parameters

    def fit(self, windows: Floats) -> None:
        """Fit the components: at most one fewer than possible, because all have no error."""
        limit = max(min(windows.shape) - 1, 1)
        self.pca = PCA(min(self.parameters.components, limit), svd_solver="full").fit(windows)

    def normality(self, windows: Floats) -> Floats:
        """Return the negative mean squared error of each window."""
        reconstructed = self.pca.inverse_transform(self.pca.transform(windows))
        return closeness(windows, reconstructed)
