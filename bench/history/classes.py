"""Accuracy of error classes on seeded faults (see `record_faults.py`, which must run first).

An episode mixes ten faults of one project; each is at work in 2 to 8 of 20 runs, and a test that
two of them hit shows one at random. Faults that behave alike, down to each message, count as one;
beside that stands the score with all of them.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence

from measures import adjusted_rand_index, b_cubed
from record_faults import CACHE, DEVELOPMENT, PROJECTS

from hangar_devkit.history.analysis.classes import group
from hangar_devkit.history.analysis.occurrences import Occurrence
from hangar_devkit.history.results import Frame

RUNS = 20
CAUSES = 10
Faults = dict[str, dict[str, Occurrence]]


def load(name: str, *, alike: bool) -> Faults:
    """Return what each fault does to each test of a project.

    Args:
        name: The project.
        alike: Whether faults that behave alike, down to each message, stay apart.
    """
    faults: Faults = defaultdict(dict)
    with (CACHE / "failures" / f"{name}.jsonl").open(encoding="utf-8") as lines:
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


def episode(faults: Faults, seed: int) -> tuple[list[Occurrence], list[str]]:
    """Return the failures of an episode, and the fault behind each."""
    pick = random.Random(seed)
    chosen = pick.sample(sorted(faults), min(CAUSES, len(faults)))
    active = {fault: set(pick.sample(range(RUNS), pick.randint(2, 8))) for fault in chosen}
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


def by_fingerprint(occurrences: Sequence[Occurrence]) -> list[Hashable]:
    """Group by fingerprint alone, as a first run does."""
    return [occurrence.fingerprint for occurrence in occurrences]


def shipped(occurrences: Sequence[Occurrence]) -> list[Hashable]:
    """Group as the history does."""
    return group(occurrences, RUNS)


METHODS = (
    # name, how to group, whether faults that behave alike count as several
    ("shipped", shipped, False),
    ("shipped, alike kept", shipped, True),
    ("fingerprint", by_fingerprint, False),
)


def score(
    faults: Faults, method: Callable[[Sequence[Occurrence]], list[Hashable]], episodes: int
) -> dict[str, float]:
    """Return the mean scores over episodes."""
    sums: dict[str, float] = defaultdict(float)
    for seed in range(episodes):
        occurrences, labels = episode(faults, seed)
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


def main() -> None:
    """Score and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=40)
    options = parser.parse_args()
    rows = []
    for name in PROJECTS:
        if (CACHE / "failures" / f"{name}.jsonl").exists():
            part = "development" if name in DEVELOPMENT else "validation"
            for label, method, alike in METHODS:
                faults = load(name, alike=alike)
                if len(faults) >= CAUSES:
                    rows.append({
                        "project": name, "part": part, "faults": len(faults), "method": label,
                        **score(faults, method, options.episodes),
                    })  # fmt: skip
    print(json.dumps(rows))
    for row in rows:
        print(
            f"{row['project']:15} {row['part']:12} {row['faults']:3} {row['method']:20}"
            f" ARI {row['ari']:.3f}  F1 {row['b3_f1']:.3f}"
            f"  classes/cause {row['classes_per_cause']:.2f}  perfect {row['perfect']:.2f}"
        )


if __name__ == "__main__":
    main()
