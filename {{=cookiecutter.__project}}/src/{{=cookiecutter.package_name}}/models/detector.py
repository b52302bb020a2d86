"""The detector: scale windows, train a backend on them, and set the threshold."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, RobustScaler, StandardScaler
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits

from .backends import backend
from .files import CheckpointFile
from .parameters import Autoencoder, Callbacks, MlpAutoencoder, ModelParameters, Scaling
from .training import Progress, train

Floats = NDArray[np.float64]
SCALERS: dict[Scaling, Any] = {
    "standard": StandardScaler,
    "minmax": MinMaxScaler,
    "robust": RobustScaler,
    "none": FunctionTransformer,
}
_lock = Lock()
_active: list[threadpool_limits] = []


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit BLAS and OpenMP to one thread, in the whole process, while a context is active.

    The number of threads changes the last digits of linear algebra.
    """
    with _lock:
        _active.append(threadpool_limits(1) if not _active else _active[0])
    try:
        yield
    finally:
        with _lock:
            limit = _active.pop()
            if not _active:
                limit.restore_original_limits()


def threshold(scores: Floats, contamination: float) -> float:
    """Return the score below which the given share of the scores lies.

    Raises:
        ValueError: The share is not above 0 and at most 0.5.
    """
    if not 0 < contamination <= 0.5:
        raise ValueError(f"contamination must be above 0 and at most 0.5, not {contamination}")
    return float(np.quantile(scores, contamination))


class Detector(OutlierMixin, BaseEstimator):  # type: ignore[misc]
    """An outlier detector with the API of scikit-learn, for any registered model type.

    Args:
        model: Model type and hyperparameters; None is an autoencoder by scikit-learn.
        scaling: How to scale each feature before it reaches the model.
        contamination: Share of the training windows to call anomalous, above 0, at most 0.5.
        random_state: Random seed.
        callbacks: What to do between epochs; None is early stopping and checkpoints.

    Attributes:
        history_: Loss of each epoch; empty for a model without epochs.
        validation_history_: Loss of each epoch on the validation windows; empty without them.
        offset_: The score below which a window is anomalous.
    """

    history_: Floats
    validation_history_: Floats
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

    def fit(self, X: Floats, y: object = None) -> Self:  # names of scikit-learn
        """Train on windows, of shape (n, d)."""
        return self.train(X)

    def train(
        self,
        windows: Floats,
        *,
        validation: Floats | None = None,
        checkpoints: Path | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Train, with optional validation windows, checkpoints and progress of each epoch.

        Raises:
            ModuleNotFoundError: The model type needs an optional dependency that is not installed.
            OSError: The device that the model names does not exist.
            ValueError: The windows are not finite or not of shape (n, d), or the training diverged.
        """
        windows = validate_data(self, windows, dtype=np.float64, ensure_min_samples=2)
        model, callbacks = self.model or MlpAutoencoder(), self.callbacks or Callbacks()
        # First, because it may import a library, whose threads can be limited only afterwards.
        self.backend_ = backend(model.type)(model, self.random_state)
        with one_thread():
            self.scaler_ = SCALERS[self.scaling]().fit(windows)
            scaled = self.scaler_.transform(windows)
            held = None if validation is None else self.scaler_.transform(validation)
            losses: list[float] = []
            validated: list[float] = []
            if isinstance(model, Autoencoder):
                checkpoint = None
                if checkpoints and callbacks.checkpoint:
                    training = (model, callbacks, self.random_state, scaled, held)
                    checkpoint = CheckpointFile.of(checkpoints, *training)
                losses, validated = train(
                    *(self.backend_, scaled, callbacks),
                    validation=held,
                    checkpoint=checkpoint,
                    progress=progress,
                )
            else:
                self.backend_.fit(scaled)
            self.history_ = np.array(losses)
            self.validation_history_ = np.array(validated)
            self.offset_ = threshold(self.backend_.normality(scaled), self.contamination)
        return self

    def score_samples(self, X: Floats) -> Floats:
        """Return a score for each window, of shape (n,): higher is more normal."""
        check_is_fitted(self)
        windows = validate_data(self, X, dtype=np.float64, reset=False)
        with one_thread():
            scores: Floats = self.backend_.normality(self.scaler_.transform(windows))
        return scores

    def decision_function(self, X: Floats) -> Floats:
        """Return each score minus the threshold: below 0 is anomalous."""
        scores: Floats = self.score_samples(X) - self.offset_
        return scores

    def predict(self, X: Floats) -> NDArray[np.int_]:
        """Return -1 for each anomalous window and 1 for each normal one."""
        return np.where(self.decision_function(X) < 0, -1, 1)
