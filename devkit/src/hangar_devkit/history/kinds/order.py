"""Whether a test's outcome follows from which tests ran before it in the same process."""

from __future__ import annotations

from collections import Counter
from functools import reduce
from math import comb
from operator import and_, or_
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hangar_devkit.history.kinds.evidence import Evidence, Trial

_CULPRITS = 3
_RISK = 0.01
_SHOWN = 2


def follows_from_order(evidence: Evidence) -> str:
    """Return how the order decides, in words; "" when it does not, or cannot be known to.

    A victim fails after certain tests and never without them; a brittle test fails without them
    and never after them. What separates failures from passes must be unlikely to do so by chance.
    """
    failed = [trial.before for trial in evidence.trials if trial.failed]
    passed = [trial.before for trial in evidence.trials if not trial.failed]
    if not failed or not passed or set(failed) & set(passed):
        return ""  # the same tests before it, and another outcome
    every = reduce(or_, [*failed, *passed])
    for word, inside, outside in (("when", failed, passed), ("unless", passed, failed)):
        never = every & ~reduce(or_, outside)
        culprits = _cover(never, inside)
        choices = comb(every.bit_count(), len(culprits)) * 2
        if culprits and choices <= _RISK * comb(len(failed) + len(passed), len(failed)):
            names = _names(evidence.names, culprits, reduce(and_, inside) & never)
            return f"fails {word} {names} ran before it in the same process"
    return _only_when_shuffled(evidence.trials)


def _cover(candidates: int, masks: Sequence[int]) -> list[int]:
    """Return a few of the candidates of which each mask holds one, if there are such."""
    chosen: list[int] = []
    left = list(masks)
    while left and len(chosen) < _CULPRITS:
        counts = Counter(bit for mask in left for bit in _bits(mask & candidates))
        if not counts:
            return []
        best = max(counts, key=lambda bit: (counts[bit], -bit))
        chosen.append(best)
        left = [mask for mask in left if not mask >> best & 1]
    return [] if left else chosen


def _names(names: Sequence[str], culprits: Sequence[int], alike: int) -> str:
    """Name the culprits; of several that explain it as well, a few."""
    if len(culprits) > 1:
        return " or ".join(names[bit] for bit in culprits)
    others = _bits(alike)
    shown = ", ".join(names[bit] for bit in others[:_SHOWN])
    return names[culprits[0]] if len(others) == 1 else f"one of {len(others)} tests ({shown}, ...)"


def _only_when_shuffled(trials: Sequence[Trial]) -> str:
    """Tell whether the usual order always passes, while others fail more often than by chance."""
    usual, count = Counter(trial.before for trial in trials).most_common(1)[0]
    failures = sum(trial.failed for trial in trials)
    if any(trial.failed for trial in trials if trial.before == usual):
        return ""
    if comb(len(trials) - count, failures) <= _RISK / 10 * comb(len(trials), failures):
        return "fails only when the tests run in another order than usual"
    return ""


def _bits(mask: int) -> list[int]:
    """Return the members of a set of tests."""
    found: list[int] = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
