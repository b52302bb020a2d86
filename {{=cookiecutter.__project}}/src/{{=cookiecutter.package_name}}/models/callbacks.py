"""Callbacks between epochs: pure functions of the losses and learning rates so far.

They have no state, so a training that resumes from a checkpoint takes the same path.
"""

from collections.abc import Sequence
from itertools import takewhile
from math import cos, pi

from .parameters import (
    CosineDecay,
    EarlyStopping,
    ExponentialDecay,
    LearningRate,
    ReduceOnPlateau,
    StepDecay,
)


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
