"""How well a grouping agrees with the truth."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence


def adjusted_rand_index(truth: Sequence[Hashable], found: Sequence[Hashable]) -> float:
    """Return the adjusted Rand index (Hubert and Arabie, 1985)."""

    def pairs(counts: Counter[Hashable]) -> float:
        return sum(n * (n - 1) / 2 for n in counts.values())

    both = pairs(Counter(zip(truth, found, strict=True)))
    rows, columns = pairs(Counter(truth)), pairs(Counter(found))
    total = len(truth) * (len(truth) - 1) / 2
    expected = rows * columns / total if total else 0.0
    most = (rows + columns) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def b_cubed(truth: Sequence[Hashable], found: Sequence[Hashable]) -> tuple[float, float, float]:
    """Return B-cubed precision, recall and F1 (Bagga and Baldwin, 1998)."""
    both = Counter(zip(truth, found, strict=True))
    rows, columns = Counter(truth), Counter(found)
    count = len(truth)
    precision = sum(n * n / columns[f] for (_, f), n in both.items()) / count
    recall = sum(n * n / rows[t] for (t, _), n in both.items()) / count
    return precision, recall, 2 * precision * recall / (precision + recall)
