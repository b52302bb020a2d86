"""What to fix next: error classes and flaky tests, ranked by how much they broke lately."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

RECENT_RUNS: Final = 30
"""How many of the latest runs count for the rank of an item."""


class Item(NamedTuple):
    """An error class, or a flaky test, that may need a fix.

    Attributes:
        name: Name of the error class.
        type: `class`, or `flaky` when each of its tests is proven flaky.
        title: One readable line.
        state: State of the class, or the proof that its tests are flaky.
        broken: Number of tests that it broke, by the index of the run.
        ran: Indexes of the runs in which any of its tests ran, in order of time.
        path: File to look at.
        line: Line in that file, 0 when it is not known.
        tests: Node ids of the tests that it breaks.
    """

    name: str
    type: str
    title: str
    state: str
    broken: Mapping[int, int]
    ran: Sequence[int]
    path: str
    line: int
    tests: tuple[str, ...]


class Entry(NamedTuple):
    """An item on the queue; its numbers are those of the latest runs.

    Attributes:
        item: The item.
        failures: Number of failures.
        seen: Number of runs with a failure.
        ran: Number of runs in which any of its tests ran.
    """

    item: Item
    failures: int
    seen: int
    ran: int


def rank(items: Iterable[Item], runs: int) -> list[Entry]:
    """Rank what to fix next: the items that broke something in the latest runs.

    The number of failures decides, then the number of tests, then the number of runs. The
    benchmark `history_triage` measures this rule.

    Args:
        items: What may need a fix.
        runs: Number of runs in the window; the index of a run is below it.
    """
    first = max(0, runs - RECENT_RUNS)
    entries: list[Entry] = []
    for item in items:
        recent = [count for run, count in item.broken.items() if run >= first]
        if recent:
            ran = sum(run >= first for run in item.ran)
            entries.append(Entry(item, sum(recent), len(recent), ran))
    return sorted(entries, key=lambda e: (-e.failures, -len(e.item.tests), -e.seen, e.item.name))
