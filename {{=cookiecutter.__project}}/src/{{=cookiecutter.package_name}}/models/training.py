"""Training loop for every backend that trains in epochs, and the callbacks between epochs.

The callbacks are pure functions of the losses and learning rates so far, so a training that resumes
from a checkpoint takes the same path.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import takewhile
from math import cos, isfinite, pi
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .files import CheckpointFile, State
from .parameters import (
    Autoencoder,
    Callbacks,
    CosineDecay,
    EarlyStopping,
    ExponentialDecay,
    LearningRate,
    ReduceOnPlateau,
    StepDecay,
)

Floats = NDArray[np.float64]
_DIVERGED = "lower the learning rate, or scale the windows"


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

    def normality(self, windows: Floats) -> Floats:
        """Return a score for each scaled window, of shape (n,): the negative loss."""


def train(
    backend: TrainsInEpochs,
    windows: Floats,
    callbacks: Callbacks,
    *,
    validation: Floats | None = None,
    checkpoint: CheckpointFile | None = None,
    progress: Progress | None = None,
) -> tuple[list[float], list[float]]:
    """Train until the maximum number of epochs or until early stopping.

    Args:
        backend: Backend to train.
        windows: Scaled windows, of shape (n, d).
        callbacks: What to do between epochs.
        validation: Scaled windows that early stopping and learning rate watch instead of the
            training windows. At the end, the backend has the weights that were best on them.
        checkpoint: File for the state of this training until it is complete.
        progress: Function to call after each epoch.

    Returns:
        The loss of each epoch, and that on the validation windows, which is empty without them.

    Raises:
        ValueError: The training diverged.
    """
    start, epochs = backend.parameters.learning_rate, backend.parameters.epochs
    losses: list[float] = []
    validated: list[float] = []
    rates: list[float] = []
    best: State | None = None
    if checkpoint and (saved := checkpoint.read()):
        state, rows = saved
        losses, rates = [row[0] for row in rows], [row[1] for row in rows]
        validated = [row[2] for row in rows if validation is not None]
        best = state["best"]
        backend.restore(state["backend"])
    watched = losses if validation is None else validated
    while len(losses) < epochs and not stopped(callbacks.early_stopping, watched):
        rate = next_rate(callbacks.learning_rate, start, epochs, watched, rates)
        loss = backend.epoch(windows, rate)
        if not isfinite(loss):
            raise ValueError(f"the loss is {loss} in epoch {len(losses) + 1}: {_DIVERGED}")
        losses.append(loss)
        rates.append(rate)
        if validation is not None:
            validated.append(float(-backend.normality(validation).mean()))
            if validated[-1] <= min(validated):
                best = deepcopy(backend.state())
        if checkpoint and callbacks.checkpoint and len(losses) % callbacks.checkpoint.every == 0:
            columns = [losses, rates] if validation is None else [losses, rates, validated]
            rows = [*zip(*columns, strict=True)]
            checkpoint.write({"backend": backend.state(), "best": best}, rows)
        if progress:
            progress(Epoch(len(losses), epochs, loss, rate))
    if best is not None:
        backend.restore(best)
    if checkpoint:
        checkpoint.remove()
    return losses, validated


def stopped(callback: EarlyStopping | None, losses: Sequence[float]) -> bool:
    """Return whether to stop early, given the losses of all epochs so far."""
    return callback is not None and plateau(losses, callback.patience, callback.min_delta)


def plateau(losses: Sequence[float], patience: int, min_delta: float) -> bool:
    """Return whether the last epochs improved the loss by less than `min_delta`."""
    if len(losses) <= patience:
        return False
    return min(losses[:-patience]) - min(losses[-patience:]) < min_delta


def next_rate(
    callback: LearningRate | None,
    start: float,
    epochs: int,
    losses: Sequence[float],
    rates: Sequence[float],
) -> float:
    """Return the learning rate of the next epoch.

    Args:
        callback: The schedule, or None for a constant rate.
        start: Learning rate of the first epoch.
        epochs: Maximum number of epochs.
        losses: Losses of all epochs so far.
        rates: Learning rates of all epochs so far.
    """
    done = len(losses)
    match callback:
        case StepDecay():
            return float(start * callback.factor ** (done // callback.every))
        case ExponentialDecay():
            return float(start * callback.factor**done)
        case CosineDecay():
            share = (1 + cos(pi * done / max(epochs - 1, 1))) / 2
            return start * (callback.lowest + (1 - callback.lowest) * share)
        case ReduceOnPlateau() if rates:
            return _reduced(callback, start, losses, rates)
    return start


def _reduced(
    callback: ReduceOnPlateau, start: float, losses: Sequence[float], rates: Sequence[float]
) -> float:
    rate = rates[-1]
    since = sum(
        1 for _ in takewhile(rate.__eq__, reversed(rates))
    )  # epochs since the last reduction
    if plateau(losses[-since:], callback.patience, callback.min_delta):
        return max(rate * callback.factor, start * callback.lowest)
    return rate
