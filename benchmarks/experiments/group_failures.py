"""Group failures of seeded faults in several ways, and score each grouping.

An episode mixes ten faults of one project over twenty runs; a test that two of them hit in one run
shows one of them at random. The regime decides in which runs a fault is active. Faults with the
same effect on every test, down to each message, count as one (twins merged); a second score counts
them separately.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

from benchmarks.experiments.record_faults import CACHE
from hangar_devkit.history.analysis.classes import group
from hangar_devkit.history.analysis.occurrences import Occurrence
from hangar_devkit.history.masks import mask_noise
from hangar_devkit.history.results import Frame

RUNS = 20
CAUSES = 10
Faults = dict[str, dict[str, Occurrence]]


def scattered(pick: random.Random) -> set[int]:
    """Return 2 to 8 runs drawn at random: a fault that comes and goes."""
    return set(pick.sample(range(RUNS), pick.randint(2, 8)))


def streak(pick: random.Random) -> set[int]:
    """Return 2 to 8 runs in a row: a fault that breaks, lasts and is fixed."""
    length = pick.randint(2, 8)
    start = pick.randint(0, RUNS - length)
    return set(range(start, start + length))


def lasting(pick: random.Random) -> set[int]:
    """Return the runs from any one to the last: a fault that nobody has fixed yet."""
    return set(range(pick.randint(0, RUNS - 1), RUNS))


def overlapping(pick: random.Random) -> set[int]:
    """Return 6 to 14 runs in a row: most faults are active together with most others."""
    length = pick.randint(6, 14)
    start = pick.randint(0, RUNS - length)
    return set(range(start, start + length))


def one_run(pick: random.Random) -> set[int]:
    """Return the only run: all faults at once, without a history."""
    del pick
    return {0}


REGIMES: dict[str, Callable[[random.Random], set[int]]] = {
    "streak": streak,
    "lasting": lasting,
    "overlapping": overlapping,
    "scattered": scattered,
    "one run": one_run,
}


def load(name: str, *, alike: bool, cache: Path = CACHE) -> Faults:
    """Return what each fault does to each test of a project.

    Args:
        name: The project.
        alike: Whether faults that behave alike, down to each message, stay apart.
        cache: Where the failures were recorded.
    """
    faults: Faults = defaultdict(dict)
    with (cache / "failures" / f"{name}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            data = json.loads(line)
            frames = tuple(Frame(*frame) for frame in data["frames"])
            faults[data["fault"]][data["nodeid"]] = Occurrence(
                0, data["nodeid"], data["exception"], data["message"], frames
            )
    if alike:
        return dict(faults)
    first: dict[frozenset[tuple[str, str, str]], str] = {}
    for label in sorted(faults):
        does = frozenset((s.test, s.exception, s.message) for s in faults[label].values())
        first.setdefault(does, label)
    return {label: faults[label] for label in first.values()}


def episode(faults: Faults, seed: int, regime: str) -> tuple[list[Occurrence], list[str]]:
    """Return the failures of an episode, and the fault behind each."""
    pick = random.Random(seed)
    chosen = pick.sample(sorted(faults), min(CAUSES, len(faults)))
    active = {fault: REGIMES[regime](pick) for fault in chosen}
    occurrences: list[Occurrence] = []
    labels: list[str] = []
    for run in range(RUNS):
        hit: dict[str, list[str]] = defaultdict(list)
        for fault in chosen:
            if run in active[fault]:
                for test in faults[fault]:
                    hit[test].append(fault)
        for test, causes in sorted(hit.items()):
            fault = pick.choice(causes)
            occurrences.append(faults[fault][test]._replace(run=run))
            labels.append(fault)
    return occurrences, labels


def shipped(occurrences: Sequence[Occurrence]) -> list[Hashable]:
    """Group as the history does."""
    runs = 1 + max(occurrence.run for occurrence in occurrences)
    return group(occurrences, RUNS if runs > 1 else 1)


def by_fingerprint(occurrences: Sequence[Occurrence]) -> list[Hashable]:
    """Group by fingerprint alone: exception and deepest frame of the project."""
    return [occurrence.fingerprint for occurrence in occurrences]


def by_reason(occurrences: Sequence[Occurrence]) -> list[Hashable]:
    """Group by the text of the failure alone: exception and message."""
    return [(o.exception, mask_noise(o.message.partition("\n")[0])) for o in occurrences]


def prototype(occurrences: Sequence[Occurrence]) -> list[Hashable]:
    """Group by fingerprint, and merge fingerprints that were seen in the same runs."""
    seen: dict[str, set[int]] = defaultdict(set)
    for occurrence in occurrences:
        seen[occurrence.fingerprint].add(occurrence.run)
    if len({occurrence.run for occurrence in occurrences}) == 1:
        return by_fingerprint(occurrences)
    return [frozenset(seen[occurrence.fingerprint]) for occurrence in occurrences]


Method = Callable[[Sequence[Occurrence]], list[Hashable]]
METHODS: dict[str, Method] = {
    "history": shipped,
    "prototype": prototype,
    "fingerprint": by_fingerprint,
    "reason text": by_reason,
}


def score(faults: Faults, method: Method, episodes: int, regime: str) -> dict[str, float]:
    """Return the mean scores over episodes."""
    sums: dict[str, float] = defaultdict(float)
    for seed in range(episodes):
        occurrences, labels = episode(faults, seed, regime)
        found = method(occurrences)
        index = adjusted_rand_index(labels, found)
        precision, recall, f1 = b_cubed(labels, found)
        for name, value in (
            ("ari", index), ("b3_precision", precision), ("b3_recall", recall), ("b3_f1", f1),
            ("classes_per_cause", len(set(found)) / len(set(labels))),
            ("perfect", float(index > 0.9999)),
        ):  # fmt: skip
            sums[name] += value
    return {name: round(value / episodes, 4) for name, value in sums.items()}


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
