"""The autoencoder by PyTorch: first weights, order of windows and loss are as by scikit-learn."""

from itertools import pairwise

import numpy as np

from ..files import State
from ..parameters import TorchAutoencoder
from . import Floats, closeness


class Backend:
    """Scores a window by what the network cannot rebuild of it.

    All that it keeps is numpy's, and so is scoring: only the training needs PyTorch.
    """

    def __init__(self, parameters: TorchAutoencoder, seed: int) -> None:
        """Take the parameters, and where chance begins; the weights come with the first epoch.

        Raises:
            ModuleNotFoundError: PyTorch is not installed.
            OSError: The device is not there.
        """
        from .. import torch_epoch  # noqa: PLC0415 (scoring does without)

        torch_epoch.require(parameters.device)
        self.parameters = parameters
        self.chance = np.random.RandomState(seed)
        self.weights: list[Floats] = []
        self.moments: list[list[Floats]] = []

    def epoch(self, windows: Floats, rate: float) -> float:
        """Pass over the windows once, and return the mean loss."""
        from ..torch_epoch import epoch  # noqa: PLC0415 (scoring does without)

        if not self.weights:
            self.weights = self._first(windows.shape[1])
        order = np.arange(len(windows))
        self.chance.shuffle(order)
        lost, self.weights, self.moments = epoch(
            self.parameters, windows[order], self.weights, self.moments, rate
        )
        return lost / windows.size

    def state(self) -> State:
        """Return weights, moments and chance."""
        return {"weights": self.weights, "moments": self.moments, "chance": self.chance}

    def restore(self, state: State) -> None:
        """Take what `state` returned."""
        self.weights, self.moments = state["weights"], state["moments"]
        self.chance = state["chance"]

    def normality(self, windows: Floats) -> Floats:
        """Return the negative mean squared error of each window."""
        rebuilt = windows
        for weight, intercept in zip(self.weights[:-2:2], self.weights[1:-2:2], strict=True):
            rebuilt = rebuilt @ weight + intercept
            relu = self.parameters.activation == "relu"
            rebuilt = np.maximum(rebuilt, 0) if relu else np.tanh(rebuilt)
        return closeness(windows, rebuilt @ self.weights[-2] + self.weights[-1])

    def _first(self, features: int) -> list[Floats]:
        """Draw weights and intercepts in turn, within Glorot's bounds."""
        drawn = []
        for before, after in pairwise([features, *self.parameters.layers, features]):
            bound = np.sqrt(6 / (before + after))
            drawn.append(self.chance.uniform(-bound, bound, (before, after)))
            drawn.append(self.chance.uniform(-bound, bound, after))
        return drawn
