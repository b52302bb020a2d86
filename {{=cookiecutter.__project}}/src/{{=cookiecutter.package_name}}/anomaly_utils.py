"""The one place to build, train, use and keep an anomaly detector.

The template owns this module. Nothing else in the project constructs a model.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .models.detector import Detector, threshold
from .models.files import read, write
from .models.parameters import Callbacks, ModelParameters, Scaling
from .models.training import Epoch, Progress

__all__ = [
    "Detector",
    "Epoch",
    "build_autoencoder",
    "load",
    "save",
    "score",
    "threshold",
    "train_autoencoder",
]

Floats = NDArray[np.float64]


def build_autoencoder(
    model: ModelParameters,
    *,
    scaling: Scaling = "standard",
    contamination: float = 0.01,
    seed: int = 0,
    callbacks: Callbacks | None = None,
) -> Detector:
    """Build a detector that is not trained yet.

    Args:
        model: Its kind and hyperparameters; any registered kind, not only autoencoders.
        scaling: How each feature is scaled before the model sees it.
        contamination: Share of the training windows to call anomalous, above 0, at most 0.5.
        seed: Where chance begins; the same seed gives the same weights.
        callbacks: What happens between two epochs; by default early stopping and checkpoints.
    """
    return Detector(
        model,
        scaling=scaling,
        contamination=contamination,
        random_state=seed,
        callbacks=callbacks,
    )


def train_autoencoder(
    detector: Detector,
    windows: Floats,
    *,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
) -> Detector:
    """Train a detector, and return it.

    Args:
        detector: From `build_autoencoder`.
        windows: What is normal, of shape (n, d).
        checkpoints: A directory for the state of the training. If it holds that of the same
            training (parameters, seed and data), the training goes on from there, to the same
            weights as without the break. None keeps no checkpoints.
        progress: Is called after each epoch.

    Returns:
        The detector; its `history_` has the loss of each epoch.

    Raises:
        ModuleNotFoundError: The kind needs an optional dependency that is not installed.
        OSError: The device that the model names is not there.
        ValueError: The windows are not finite, or not of shape (n, d).
    """
    return detector.train(windows, checkpoints=checkpoints, progress=progress)


def score(detector: Detector, windows: Floats) -> Floats:
    """Return a score for each window, of shape (n,): higher is more normal.

    Raises:
        NotFittedError: The detector is not trained.
        ValueError: The windows have another number of features than those it was trained on.
    """
    return detector.score_samples(windows)


def save(detector: Detector, path: Path) -> None:
    """Write a detector to a file by skops, whole or not at all.

    Raises:
        OSError: The file cannot be written.
    """
    write(detector, path)


def load(path: Path) -> Detector:
    """Read a detector that `save` wrote; types that are not declared are refused.

    Raises:
        OSError: The file cannot be read, or is not a saved detector.
    """
    detector = read(path)
    if not isinstance(detector, Detector):
        raise OSError(f"{path} is not a saved detector")
    return detector
