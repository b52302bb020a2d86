"""Contracts of the arrays that go through a model."""

import numpy as np
from jaxtyping import Float64, Int8

from {{= cookiecutter.package_name }}.edge.arrays import ArrayContract


class Windows(ArrayContract):
    """Windows without labels, as for training."""

    windows: Float64[np.ndarray, "window feature"]


class LabelledWindows(ArrayContract):
    """Windows with what is known about them: 1 is an anomaly, 0 is normal."""

    windows: Float64[np.ndarray, "window feature"]
    labels: Int8[np.ndarray, " window"]


class Scores(ArrayContract):
    """What a detector says of windows: higher is more normal."""

    scores: Float64[np.ndarray, " window"]
