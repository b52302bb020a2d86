"""The registered kinds of model: each is a module here, named as its `kind`, with a `Backend`.

A module is imported when its kind is used, and an optional library when that kind is trained.
"""

from importlib import import_module
from typing import Any, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from ..parameters import ModelParameters

Floats = NDArray[np.float64]
KINDS: tuple[str, ...] = tuple(
    each.model_fields["kind"].default for each in get_args(get_args(ModelParameters)[0])
)


class Backend(Protocol):
    """What a detector needs of a kind. One with epochs has `training.TrainsInEpochs` for `fit`."""

    def fit(self, windows: Floats) -> None:
        """Train on scaled windows, of shape (n, d)."""

    def normality(self, windows: Floats) -> Floats:
        """Return a score for each scaled window, of shape (n,): higher is more normal."""


def closeness(windows: Floats, rebuilt: Floats) -> Floats:
    """Return the negative mean squared error of each rebuilt window, of shape (n,)."""
    errors: Floats = np.mean((windows - rebuilt) ** 2, axis=1)
    return -errors


def backend(kind: str) -> Any:  # noqa: ANN401 (a class of either protocol)
    """Return the class of a registered kind."""
    return import_module(f"{__name__}.{kind}").Backend
