"""Split samples into training, validation and test parts that share nothing.

A sample covers the time from its first to its last value, its target included. Training samples
that overlap a part on which the model is judged would leak it, so they are purged, or refused.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..edge import EdgeError
from .declaration import GroupSplit, Held, RandomSplit, WalkForward

LOG = logging.getLogger(__name__)
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Samples:
    """What a split must know about samples.

    Attributes:
        starts: Time of the first value of each sample, of shape (n,), in any unit.
        ends: Time of its last value, the target included.
        step: Time between two values, in the same unit: `gap` and `embargo` count these steps.
        groups: Group of each sample, for `group`; None if there are none.
    """

    starts: Integers
    ends: Integers
    step: int = 1
    groups: NDArray[Any] | None = None


@dataclass(frozen=True)
class Fold:
    """Indices of the samples of each part, in the order of the samples.

    Attributes:
        train: Training part.
        validation: Part for early stopping and sweeps; empty if none was asked for.
        test: Part for the report.
        purged: Number of samples that are in no part, because they are too close to a judged one.
    """

    train: Integers
    validation: Integers
    test: Integers
    purged: int

    def counts(self) -> dict[str, int]:
        """Return the number of samples of each part, for the report."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        return {**{name: len(part) for name, part in parts.items()}, "purged": self.purged}


def split(method: Held, samples: Samples) -> list[Fold]:
    """Split samples: one fold, or one for each block of a walk forward.

    Raises:
        EdgeError: A part would be empty, or samples overlap and `overlap` is `refuse`.
    """
    folds = [_fold(method, samples, *masks) for masks in _masks(method, samples)]
    if purged := sum(fold.purged for fold in folds):
        LOG.warning(
            "split: %d training samples overlap a judged sample, or are within gap or embargo of "
            "one; purged",
            purged,
        )
    return folds


def _masks(method: Held, samples: Samples) -> Iterator[tuple[Mask, Mask, Mask]]:
    """Yield training, validation and test part of each fold, before the purge."""
    count = len(samples.starts)
    if isinstance(method, RandomSplit | GroupSplit):
        groups = np.arange(count) if isinstance(method, RandomSplit) else samples.groups
        if groups is None:
            raise EdgeError("the samples have no groups to hold out (split)")
        names, member = np.unique(groups, return_inverse=True)
        random = np.random.default_rng(method.seed)
        test = random_mask(len(names), method.held_out, random)
        rest = np.flatnonzero(~test)
        validation = np.zeros(len(names), dtype=bool)
        if method.validation:
            validation[rest[random_mask(len(rest), method.validation, random)]] = True
        yield (~test & ~validation)[member], validation[member], test[member]
        return
    rank = np.empty(count, dtype=np.int64)
    rank[np.argsort(samples.starts, kind="stable")] = np.arange(count)
    first = round(count * (1 - method.held_out))
    folds = method.folds if isinstance(method, WalkForward) else 1
    bounds = np.linspace(first, count, folds + 1).round().astype(int).tolist()
    for begin, end in pairwise(bounds):
        is_rolling = isinstance(method, WalkForward) and method.window == "rolling"
        oldest = begin - first if is_rolling else 0
        middle = begin - round((begin - oldest) * method.validation)
        yield (
            (rank >= oldest) & (rank < middle),
            (rank >= middle) & (rank < begin),
            (rank >= begin) & (rank < end),
        )


def _fold(method: Held, samples: Samples, train: Mask, validation: Mask, test: Mask) -> Fold:
    gap, embargo = method.gap * samples.step, method.embargo * samples.step
    judging = validation & ~_touches(samples, test, gap, embargo)
    training = train & ~_touches(samples, test | validation, gap, embargo)
    purged = int(train.sum() + validation.sum() - training.sum() - judging.sum())
    if purged and method.overlap == "refuse":
        raise EdgeError(
            f"{purged} samples overlap a judged sample, or are within gap or embargo of one "
            "(split.overlap is refuse)"
        )
    if not training.any() or not test.any() or (method.validation and not judging.any()):
        rest = f", {purged} of them are purged" if purged else ""
        raise EdgeError(
            f"{len(train)} samples are too few to hold out a share of {method.held_out:g} for the "
            f"test and of {method.validation:g} of the rest for the validation{rest}"
        )
    parts = [np.flatnonzero(part).astype(np.int64) for part in (training, judging, test)]
    return Fold(parts[0], parts[1], parts[2], purged)


def _touches(samples: Samples, judged: Mask, gap: int = 0, embargo: int = 0) -> Mask:
    """Return which samples overlap a judged one, or are within gap or embargo of one."""
    if not judged.any():
        return np.zeros(len(samples.starts), dtype=bool)
    order = np.argsort(samples.starts[judged], kind="stable")
    starts = samples.starts[judged][order] - gap
    ends = np.maximum.accumulate(samples.ends[judged][order] + embargo)
    # The last judged sample that begins before the end: one of those so far ends after the start?
    last = np.searchsorted(starts, samples.ends, side="right") - 1
    touches: Mask = (last >= 0) & (ends[last] >= samples.starts)
    return touches


def random_mask(count: int, share: float, random: np.random.Generator) -> Mask:
    """Return a mask that selects a random share."""
    mask = np.zeros(count, dtype=bool)
    mask[random.permutation(count)[: round(count * share)]] = True
    return mask
