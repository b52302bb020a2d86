"""Autoencoder by PyTorch; initial weights, order of windows and loss are those of scikit-learn."""

from itertools import pairwise

import numpy as np

from ..files import State
from ..parameters import TorchAutoencoder
from . import Floats, closeness


class Backend:
    """Scores a window by the reconstruction error of the network.

    The state and the scoring use NumPy only; PyTorch is needed for the training alone.
    """

    def __init__(self, parameters: TorchAutoencoder, seed: int) -> None:
        """Set the parameters and the random seed; the first epoch initialises the weights.

        Raises:
            ModuleNotFoundError: PyTorch is not installed.
            OSError: The device does not exist.
        """
        from .. import torch_epoch  # scoring does not need it

        torch_epoch.require(parameters.device)
        self.parameters = parameters
        self.random_state = np.random.RandomState(seed)
        self.weights: list[Floats] = []
        self.moments: list[list[Floats]] = []

    def epoch(self, windows: Floats, rate: float) -> float:
        """Train for one epoch and return the mean loss."""
        from ..torch_epoch import epoch  # scoring does not need it

        if not self.weights:
            self.weights = self._initial_weights(windows.shape[1])
        order = np.arange(len(windows))
        self.random_state.shuffle(order)
        total_loss, self.weights, self.moments = epoch(
            self.parameters, windows[order], self.weights, self.moments, rate
        )
        return total_loss / windows.size

    def state(self) -> State:
        """Return weights, moments and random state."""
        return {
            "weights": self.weights,
            "moments": self.moments,
            "random_state": self.random_state,
        }

    def restore(self, state: State) -> None:
        """Restore a state that `state` returned."""
        self.weights, self.moments = state["weights"], state["moments"]
        self.random_state = state["random_state"]

    def normality(self, windows: Floats) -> Floats:
        """Return the negative mean squared error of each window."""
        reconstructed = windows
        for weight, intercept in zip(self.weights[:-2:2], self.weights[1:-2:2], strict=True):
            reconstructed = reconstructed @ weight + intercept
            relu = self.parameters.activation == "relu"
            reconstructed = np.maximum(reconstructed, 0) if relu else np.tanh(reconstructed)
        return closeness(windows, reconstructed @ self.weights[-2] + self.weights[-1])

    def _initial_weights(self, features: int) -> list[Floats]:
        """Draw weights and intercepts of each layer, uniformly within the bounds of Glorot."""
        drawn = []
        for before, after in pairwise([features, *self.parameters.layers, features]):
            bound = np.sqrt(6 / (before + after))
            drawn.append(self.random_state.uniform(-bound, bound, (before, after)))
            drawn.append(self.random_state.uniform(-bound, bound, after))
        return drawn
