"""Test history, triage: how close to optimal it is to fix the top item again and again.

The area under the failures that remain, as a share of the area of an oracle that knows the cost of
each cause and fixes the most expensive one. Compared with ranking the true causes by count, and
with the newest failure first. Causes differ in how
often they strike and how many tests they break. In each step the history of the last 30 runs is
analysed with the shipped functions, the cause of the top item is fixed, and two more runs follow.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.framework import progress
from benchmarks.framework.figures import OURS, Figure, Options
from hangar_devkit.history.analysis.classes import group
from hangar_devkit.history.analysis.occurrences import Occurrence
from hangar_devkit.history.analysis.triage import Item, rank
from hangar_devkit.history.results import Frame

ROUNDS = 10  # seeds
CAUSES = 20
WINDOW = 30


def figures(options: Options) -> list[Figure]:
    """Replay with every seed, and compare the areas."""
    totals: dict[str, float] = defaultdict(float)
    rounds = options.rounds or ROUNDS
    for seed in range(rounds):
        progress.step(f"seed {seed + 1} of {rounds}")
        totals["oracle"] += play(seed, None)
        totals["queue"] += play(seed, by_queue)
        totals["count"] += play(seed, by_count)
        totals["newest"] += play(seed, by_newest)
    name = "share of an oracle's area"
    queue_share, count_share, newest_share = (
        totals["oracle"] / totals[each] for each in ("queue", "count", "newest")
    )
    return [
        Figure(name, queue_share, of=OURS, target=0.95, direction="at least"),
        Figure(name, count_share, of="ranking by count"),
        Figure(name, newest_share, of="newest first"),
    ]


@dataclass(frozen=True)
class Cause:
    """A fault: how often it strikes, what it breaks, and since when it is there."""

    name: str
    rate: float
    tests: tuple[str, ...]
    since: int

    @property
    def cost(self) -> float:
        """Failures that a run brings, on average."""
        return self.rate * len(self.tests)


def causes(pick: random.Random) -> list[Cause]:
    """Draw causes; some have been fixed-in-part lately and are rarer than their count says."""
    found = []
    for number in range(CAUSES):
        count = min(60, int(pick.paretovariate(0.9)))
        tests = tuple(f"tests/test_{number}.py::test_{t}" for t in range(count))
        rate = pick.choice((0.1, 0.2, 0.4, 0.7, 1.0))
        found.append(Cause(f"cause {number}", rate, tests, pick.choice((0, 0, 10, 20, 25))))
    return found


def history(live: Sequence[Cause], fixed: dict[str, int], now: int, seed: int) -> list[Occurrence]:
    """Return the failures of the window that ends now."""
    seen: list[Occurrence] = []
    for run in range(WINDOW):
        moment = now - WINDOW + run
        for cause in live:
            pick = random.Random(f"{seed} {cause.name} {moment}")
            end = fixed.get(cause.name, 10**9)
            if cause.since <= moment + WINDOW and moment < end and pick.random() < cause.rate:
                frame = Frame("shop.py", cause.name, 1, "app", f"raise {cause.name}")
                seen += [
                    Occurrence(run, t, "ValueError", cause.name, (frame,)) for t in cause.tests
                ]
    return seen


def by_queue(seen: Sequence[Occurrence], fixed: dict[str, int]) -> str:
    """Return the cause at the top of the shipped queue, of those that nobody has fixed yet."""
    labels = group(seen, WINDOW)
    broken: dict[str, Counter[int]] = defaultdict(Counter)
    cause: dict[str, Counter[str]] = defaultdict(Counter)
    tests: dict[str, set[str]] = defaultdict(set)
    for label, occurrence in zip(labels, seen, strict=True):
        broken[str(label)][occurrence.run] += 1
        cause[str(label)][occurrence.message] += 1
        tests[str(label)].add(occurrence.test)
    items = [
        Item(name, "class", name, "", runs, range(WINDOW), "", 0, tuple(tests[name]))
        for name, runs in broken.items()
    ]
    for entry in rank(items, WINDOW):  # whoever works on an item fixes what still fails in it
        left = [name for name, _ in cause[entry.item.name].most_common() if name not in fixed]
        if left:
            return left[0]
    return ""


def by_count(seen: Sequence[Occurrence], fixed: dict[str, int]) -> str:
    """Return the cause with the most failures in the window, of those that nobody has fixed."""
    counts = Counter(s.message for s in seen if s.message not in fixed)
    return counts.most_common(1)[0][0] if counts else ""


def by_newest(seen: Sequence[Occurrence], fixed: dict[str, int]) -> str:
    """Return the cause of the newest failure, of those that nobody has fixed."""
    left = [s for s in seen if s.message not in fixed]
    return max(left, key=lambda s: (s.run, s.message)).message if left else ""


def play(seed: int, choose: Callable[[Sequence[Occurrence], dict[str, int]], str] | None) -> float:
    """Fix until nothing is left; return the area under the expected failures that remain."""
    live = causes(random.Random(seed))
    fixed: dict[str, int] = {}
    now = WINDOW
    area = 0.0
    for _ in range(CAUSES):
        rest = [cause for cause in live if cause.name not in fixed]
        area += sum(cause.cost for cause in rest)
        if choose is None:
            name = max(rest, key=lambda cause: cause.cost).name
        else:
            name = choose(history(live, fixed, now, seed), fixed)
        if name and name not in fixed:
            fixed[name] = now
        now += 2
    return area
