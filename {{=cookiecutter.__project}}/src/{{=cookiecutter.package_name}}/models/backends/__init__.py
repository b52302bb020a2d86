"""The registered model types. Each is a module here, named like its `type`, with a class `Backend`.

A model of the project's own is a module elsewhere, with the classes `Backend` and `Parameters`; its
`type` is the full name of the module.

A module is imported when its type is used, and an optional library when a model is trained.
"""

from importlib import import_module
from typing import Any, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from ..parameters import Model

Floats = NDArray[np.float64]
MODEL_TYPES: tuple[str, ...] = tuple(each.model_fields["type"].default for each in get_args(Model))


class Backend(Protocol):
    """Interface of a model type. One with epochs has `training.TrainsInEpochs` instead of `fit`."""

    def fit(self, windows: Floats) -> None:
        """Train on scaled windows, of shape (n, d)."""

    def normality(self, windows: Floats) -> Floats:
        """Return a score for each scaled window, of shape (n,): higher is more normal."""


def closeness(windows: Floats, reconstructed: Floats) -> Floats:
    """Return the negative mean squared error of each reconstructed window, of shape (n,)."""
    errors: Floats = np.mean((windows - reconstructed) ** 2, axis=1)
    return -errors


def backend(model_type: str) -> Any:  # a class of either protocol
    """Return the backend class of a registered model type, or of a module of the project."""
    name = model_type if "." in model_type else f"{__name__}.{model_type}"
    return import_module(name).Backend
