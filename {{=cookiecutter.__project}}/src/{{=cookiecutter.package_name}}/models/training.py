"""Training in epochs: the one loop, for every backend that has them."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .callbacks import next_rate, stopped
from .files import CheckpointFile, State
from .parameters import Autoencoder, Callbacks

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Epoch:
    """One pass over the training windows.

    Attributes:
        number: From 1.
        of: Most epochs that there can be.
        loss: Mean loss of the pass.
        rate: Learning rate of the pass.
    """

    number: int
    of: int
    loss: float
    rate: float


Progress = Callable[[Epoch], None]


class TrainsInEpochs(Protocol):
    """What the loop needs of a backend."""

    parameters: Autoencoder

    def epoch(self, windows: Floats, rate: float) -> float:
        """Pass over the windows once, and return the mean loss."""

    def state(self) -> State:
        """Return all that the next epoch depends on."""

    def restore(self, state: State) -> None:
        """Go back to what `state` returned."""


def train(
    backend: TrainsInEpochs,
    windows: Floats,
    callbacks: Callbacks,
    *,
    checkpoint: CheckpointFile | None = None,
    progress: Progress | None = None,
) -> list[float]:
    """Train until the epochs are over or early stopping says so.

    Args:
        backend: What is trained.
        windows: Scaled, of shape (n, d).
        callbacks: What happens between two epochs.
        checkpoint: Where the state of this very training is kept until it is done.
        progress: Is called after each epoch.

    Returns:
        The loss of each epoch.

    Raises:
        ValueError: The training diverged.
    """
    start, epochs = backend.parameters.learning_rate, backend.parameters.epochs
    losses: list[float] = []
    rates: list[float] = []
    if checkpoint and (kept := checkpoint.read()):
        losses, rates = kept["losses"], kept["rates"]
        backend.restore(kept["state"])
    while len(losses) < epochs and not stopped(callbacks.early_stopping, losses):
        rate = next_rate(callbacks.learning_rate, start, epochs, losses, rates)
        loss = backend.epoch(windows, rate)
        if not isfinite(loss):
            raise ValueError(f"the loss is {loss} in epoch {len(losses) + 1}: {_DIVERGED}")
        losses.append(loss)
        rates.append(rate)
        if checkpoint and callbacks.checkpoint and len(losses) % callbacks.checkpoint.every == 0:
            checkpoint.write({"losses": losses, "rates": rates, "state": backend.state()})
        if progress:
            progress(Epoch(len(losses), epochs, loss, rate))
    if checkpoint:
        checkpoint.remove()
    return losses


_DIVERGED = "lower the learning rate, or scale the windows"
