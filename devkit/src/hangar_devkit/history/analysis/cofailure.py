"""Finds the marks of causes from what failed together.

The mark of a cause is the set of runs in which it was active. A cause breaks the same tests in
each of these runs, so that the runs in which a test fails are the union of the marks of the causes
that hit it. Sets of runs are bit masks.
"""

from collections.abc import Mapping, Sequence
from math import comb
from typing import NamedTuple

_MIN_CHOICES = 100
_MAX_PARTS = 4


class Pattern(NamedTuple):
    """The runs in which a test failed, or in which a signature was seen.

    Attributes:
        seen: Runs in which it was.
        hidden: Runs in which it may have been: its tests failed otherwise, or did not run.
        weight: How many failures it stands for.
        others: For each hidden run, the patterns of what was seen instead.
    """

    seen: int
    hidden: int
    weight: int
    others: Mapping[int, frozenset[int]]


def is_distinctive(mask: int, runs: int) -> bool:
    """Return whether two unrelated causes are unlikely to share a set of runs by chance.

    The number of changes decides: causes that began together and are still active prove little.

    Args:
        mask: The set.
        runs: Number of runs in the window.
    """
    changes = ((mask ^ (mask >> 1)) & ((1 << (runs - 1)) - 1)).bit_count() if runs > 1 else 0
    return mask.bit_count() > 1 and comb(runs - 1, changes) >= _MIN_CHOICES


def find_marks(patterns: Sequence[Pattern]) -> tuple[list[int], list[int]]:
    """Find the marks of single causes.

    Args:
        patterns: Distinctive patterns only.

    Returns:
        The marks, and for each pattern the mark (as a mask) that it was taken for; that mark may
        be missing from the first list, when it turned out to be a union of others.
    """
    support: dict[int, int] = {}
    slack: dict[int, int] = {}
    taken = [0] * len(patterns)
    order = sorted(
        range(len(patterns)),
        key=lambda i: (patterns[i].hidden.bit_count(), -patterns[i].weight, patterns[i].seen),
    )
    for index in order:
        pattern = patterns[index]
        mark = _known(pattern, support)
        if mark is None:
            mark = pattern.seen
            slack[mark] = pattern.hidden
        elif mark == pattern.seen:
            slack[mark] &= pattern.hidden
        support[mark] = support.get(mark, 0) + pattern.weight
        taken[index] = mark
    for mark in sorted(support, key=lambda m: (-m.bit_count(), m)):
        if _is_union(mark, slack[mark], support):
            del support[mark]
    return list(support), taken


def _known(pattern: Pattern, support: Mapping[int, int]) -> int | None:
    """Return the mark that a pattern shows, in part where the rest of it is hidden."""
    seen, reach = pattern.seen, pattern.seen | pattern.hidden
    fitting = [
        mark
        for mark in support
        if mark == seen
        or (
            seen & ~mark == 0
            and mark & ~reach == 0
            and mark.bit_count() <= 2 * seen.bit_count()
            and all(_explained(run, mark, pattern, support) for run in bits(mark & ~seen))
        )
    ]
    return min(fitting, key=lambda m: ((m & ~seen).bit_count(), -support[m], m), default=None)


def _explained(run: int, mark: int, pattern: Pattern, support: Mapping[int, int]) -> bool:
    """Return whether something other than the cause itself can have hidden it in a run.

    A cause has one signature in one test: what hid it must be active outside its mark too.
    """
    others = pattern.others.get(run)
    if others is None:
        return True
    reach = pattern.seen | pattern.hidden
    return any(other & ~mark for other in others) or any(
        other >> run & 1 and other & ~mark and not other & ~reach for other in support
    )


def _is_union(mark: int, hidden: int, support: Mapping[int, int]) -> bool:
    """Return whether a set is the union of a few marks, so of several causes at once."""
    parts = [
        other
        for other in support
        if other != mark
        and not other & ~(mark | hidden)
        and mark & ~other
        and (other & ~mark).bit_count() <= (other & mark).bit_count()
    ]
    left = mark
    for _ in range(_MAX_PARTS):
        if not left or not parts:
            break
        best = max(
            parts,
            key=lambda o: ((o & left).bit_count() - 0.1 * (o & ~mark).bit_count(), support[o], o),
        )
        left &= ~best
    return not left


def bits(mask: int) -> list[int]:
    """Return the members of a set, in order."""
    return [run for run in range(mask.bit_length()) if mask >> run & 1]
