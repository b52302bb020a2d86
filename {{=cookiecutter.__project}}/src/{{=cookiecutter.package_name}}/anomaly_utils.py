"""The only place to build, train, use and save an anomaly detector.

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
        model: Model type and hyperparameters; any registered type, not only autoencoders.
        scaling: How to scale each feature before it reaches the model.
        contamination: Share of the training windows to call anomalous, above 0, at most 0.5.
        seed: Random seed; the same seed gives the same weights.
        callbacks: What to do between epochs; by default early stopping and checkpoints.
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
    validation: Floats | None = None,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
) -> Detector:
    """Train a detector and return it.

    Args:
        detector: Detector from `build_autoencoder`.
        windows: Normal windows, of shape (n, d).
        validation: Other normal windows, of shape (m, d). Early stopping watches the loss on them,
            and the detector gets the weights that were best on them.
        checkpoints: Directory for the training state. If it holds a checkpoint of the same
            training (parameters, seed and data), training resumes from it and ends with the
            same weights as without the interruption. None writes no checkpoints.
        progress: Function to call after each epoch.

    Returns:
        The detector; its `history_` has the loss of each epoch, `validation_history_` that
        on the validation windows.

    Raises:
        ModuleNotFoundError: The model type needs an optional dependency that is not installed.
        OSError: The device that the model names does not exist.
        ValueError: The windows are not finite or not of shape (n, d).
    """
    return detector.train(
        windows, validation=validation, checkpoints=checkpoints, progress=progress
    )


def score(detector: Detector, windows: Floats) -> Floats:
    """Return a score for each window, of shape (n,): higher is more normal.

    Raises:
        NotFittedError: The detector is not trained.
        ValueError: The windows have a different number of features than the training windows.
    """
    return detector.score_samples(windows)


def save(detector: Detector, path: Path) -> None:
    """Write a detector to a file with skops, atomically.

    Raises:
        OSError: The file cannot be written.
    """
    write(detector, path)


def load(path: Path) -> Detector:
    """Read a detector that `save` wrote; reject types that are not declared.

    Raises:
        OSError: The file cannot be read or is not a saved detector.
    """
    detector = read(path)
    if not isinstance(detector, Detector):
        raise OSError(f"{path} is not a saved detector")
    return detector
