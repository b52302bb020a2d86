"""Autoencoder by scikit-learn."""

import numpy as np
from sklearn.neural_network import MLPRegressor

from ..files import State
from ..parameters import MlpAutoencoder
from . import Floats, closeness


class Backend:
    """Scores a window by the reconstruction error of the network."""

    def __init__(self, parameters: MlpAutoencoder, seed: int) -> None:
        """Create the network; the first epoch initialises its weights."""
        self.parameters = parameters
        self.network = MLPRegressor(
            hidden_layer_sizes=parameters.layers,
            activation=parameters.activation,
            alpha=parameters.weight_decay,
            # Not an integer: with one, every epoch would shuffle in the same order.
            random_state=np.random.RandomState(seed),
        )

    def epoch(self, windows: Floats, rate: float) -> float:
        """Train for one epoch and return the mean loss."""
        network, seen = self.network, getattr(self.network, "t_", 0)
        network.set_params(
            batch_size=min(self.parameters.batch_size, len(windows)), learning_rate_init=rate
        )
        if seen:
            # The optimizer keeps the rate of the first epoch; there is no public way to change it.
            network._optimizer.learning_rate_init = rate
        network.partial_fit(windows, windows if windows.shape[1] > 1 else windows.ravel())
        if network.t_ == seen:  # scikit-learn turns an interrupt into a warning
            raise KeyboardInterrupt
        network.loss_curve_ = network.loss_curve_[-1:]  # each checkpoint would write all of it
        return float(network.loss_)

    def state(self) -> State:
        """Return the network, including its optimizer and random state."""
        return {"network": self.network}

    def restore(self, state: State) -> None:
        """Restore a state that `state` returned."""
        self.network = state["network"]

    def normality(self, windows: Floats) -> Floats:
        """Return the negative mean squared error of each window."""
        reconstructed = self.network.predict(windows).reshape(windows.shape)
        return closeness(windows, reconstructed)
