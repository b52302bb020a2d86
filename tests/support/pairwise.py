"""A small set of combinations in which every two values of two options meet."""

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

Pair = frozenset[tuple[str, Any]]


def pairs(row: Mapping[str, Any]) -> set[Pair]:
    """List the pairs of values that a combination tries."""
    return {frozenset(two) for two in itertools.combinations(row.items(), 2)}


def pairwise(combinations: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Choose some combinations, each the one that tries the most pairs not yet tried."""
    rows = [dict(row) for row in combinations]
    missing = all_pairs(rows)
    chosen: list[dict[str, Any]] = []
    while missing:
        best = max(rows, key=lambda row: len(pairs(row) & missing))
        missing -= pairs(best)
        chosen.append(best)
    return chosen


def all_pairs(rows: Iterable[Mapping[str, Any]]) -> set[Pair]:
    """List the pairs of values that some combinations try together."""
    return set().union(*map(pairs, rows))
