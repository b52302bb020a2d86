"""Training loop for every backend that trains in epochs."""

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
    """Progress of a training after one epoch.

    Attributes:
        number: Number of the epoch, from 1.
        of: Maximum number of epochs.
        loss: Mean loss of the epoch.
        rate: Learning rate of the epoch.
    """

    number: int
    of: int
    loss: float
    rate: float


Progress = Callable[[Epoch], None]


class TrainsInEpochs(Protocol):
    """Interface of a backend that trains in epochs."""

    parameters: Autoencoder

    def epoch(self, windows: Floats, rate: float) -> float:
        """Train for one epoch and return the mean loss."""

    def state(self) -> State:
        """Return everything that the next epoch depends on."""

    def restore(self, state: State) -> None:
        """Restore a state that `state` returned."""


def train(
    backend: TrainsInEpochs,
    windows: Floats,
    callbacks: Callbacks,
    *,
    checkpoint: CheckpointFile | None = None,
    progress: Progress | None = None,
) -> list[float]:
    """Train until the maximum number of epochs or until early stopping.

    Args:
        backend: Backend to train.
        windows: Scaled windows, of shape (n, d).
        callbacks: What to do between epochs.
        checkpoint: File for the state of this training until it is complete.
        progress: Function to call after each epoch.

    Returns:
        The loss of each epoch.

    Raises:
        ValueError: The training diverged.
    """
    start, epochs = backend.parameters.learning_rate, backend.parameters.epochs
    losses: list[float] = []
    rates: list[float] = []
    if checkpoint and (saved := checkpoint.read()):
        losses, rates = saved["losses"], saved["rates"]
        backend.restore(saved["state"])
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
