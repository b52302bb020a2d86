"""The autoencoder by scikit-learn."""

import numpy as np
from sklearn.neural_network import MLPRegressor

from ..files import State
from ..parameters import MlpAutoencoder
from . import Floats, closeness


class Backend:
    """Scores a window by what the network cannot rebuild of it."""

    def __init__(self, parameters: MlpAutoencoder, seed: int) -> None:
        """Prepare the network; its weights come with the first epoch."""
        self.parameters = parameters
        self.network = MLPRegressor(
            hidden_layer_sizes=parameters.layers,
            activation=parameters.activation,
            alpha=parameters.weight_decay,
            # Not a plain number: with it, every epoch would shuffle alike.
            random_state=np.random.RandomState(seed),
        )

    def epoch(self, windows: Floats, rate: float) -> float:
        """Pass over the windows once, and return the mean loss."""
        network, seen = self.network, getattr(self.network, "t_", 0)
        network.set_params(
            batch_size=min(self.parameters.batch_size, len(windows)), learning_rate_init=rate
        )
        if seen:
            # It has the rate of the first epoch, and there is no public way to another.
            network._optimizer.learning_rate_init = rate  # noqa: SLF001
        network.partial_fit(windows, windows if windows.shape[1] > 1 else windows.ravel())
        if network.t_ == seen:  # scikit-learn turns the interrupt into a warning
            raise KeyboardInterrupt
        return float(network.loss_)

    def state(self) -> State:
        """Return the network, with its optimizer and its chance."""
        return {"network": self.network}

    def restore(self, state: State) -> None:
        """Take a network that `state` returned."""
        self.network = state["network"]

    def normality(self, windows: Floats) -> Floats:
        """Return the negative mean squared error of each window."""
        rebuilt = self.network.predict(windows).reshape(windows.shape)
        return closeness(windows, rebuilt)
