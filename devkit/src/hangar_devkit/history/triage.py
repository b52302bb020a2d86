"""What to fix next: error classes and flaky tests by the expected cost of leaving them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HALF_LIFE: Final = 10.0
"""After so many runs without it, an item weighs half."""
MINUTES_EACH: Final = 2.0
"""Attention that one failing test takes from whoever meets it."""
ENTER: Final = 0.5
LEAVE: Final = 0.2
"""Expected minutes for each run at which an item enters and leaves the queue."""
OVERTAKE: Final = 1.2
"""An item passes the one before it only when it costs so many times as much."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may go on the queue.

    Attributes:
        item: Name of the class, or node id of the flaky test.
        kind: `class` or `flaky`.
        title: One readable line.
        state: State of the class, or the kind of flakiness.
        broken: For each place of a run in which it was seen, how many tests it broke.
        watched: Places of the runs in which any of its tests ran.
        people: How many people and jobs met it.
        on_default: Whether the default branch has it.
        minutes: Mean duration of a run, which a rerun costs.
        real: Lower bound of the probability that it costs anything at all.
        path: File to look at.
        line: Line in it.
        tests: Node ids that it breaks.
    """

    item: str
    kind: str
    title: str
    state: str
    broken: Mapping[int, int]
    watched: Sequence[int]
    people: int
    on_default: bool
    minutes: float
    real: float
    path: str
    line: int
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A place on the queue.

    Attributes:
        score: Expected minutes for each run that leaving it costs.
        reason: Why it is there, in words.
    """

    candidate: Candidate
    score: float
    reason: str


def cost(candidate: Candidate) -> float:
    """Return the minutes that each further run is expected to lose to it.

    Frequency (runs with it among those that could have shown it, recent ones weighing more) times
    breadth (tests that it breaks, people who meet it) times minutes, more on the default branch.
    """
    if not candidate.watched:
        return 0.0
    newest = max(candidate.watched)
    weights = {run: 0.5 ** ((newest - run) / HALF_LIFE) for run in candidate.watched}
    total = sum(weights.values())
    lost = sum(
        weights.get(run, 0.0) * (MINUTES_EACH * count + candidate.minutes)
        for run, count in candidate.broken.items()
    )
    breadth = (1 + 0.25 * (candidate.people - 1)) * (1.5 if candidate.on_default else 1.0)
    return float(candidate.real * breadth * lost / total)


def reason(candidate: Candidate) -> str:
    """Say why an item is where it is."""
    seen, watched = len(candidate.broken), len(candidate.watched)
    most = max(candidate.broken.values(), default=0)
    parts = [f"in {seen} of {watched} runs"]
    if candidate.kind == "class":
        parts.append(f"breaks {most} test{'s' if most != 1 else ''} at a time")
    if candidate.people > 1:
        parts.append(f"met by {candidate.people} people")
    if candidate.on_default:
        parts.append("on the default branch")
    if candidate.state:
        parts.append(candidate.state)
    return ", ".join(parts)


def queue(candidates: Sequence[Candidate], before: Mapping[str, int]) -> list[Entry]:
    """Rank candidates, dearest first, without reordering what differs little.

    Args:
        candidates: What may go on the queue.
        before: The places of the queue as it was last shown.
    """
    scores = {c.item: cost(c) for c in candidates}
    kept = [c for c in candidates if scores[c.item] >= (LEAVE if c.item in before else ENTER)]
    old = sorted((c for c in kept if c.item in before), key=lambda c: before[c.item])
    new = sorted((c for c in kept if c.item not in before), key=lambda c: -scores[c.item])
    order: list[Candidate] = []
    for candidate in [*old, *new]:
        place = len(order)
        margin = OVERTAKE if candidate.item in before else 1.0
        while place and scores[candidate.item] > margin * scores[order[place - 1].item]:
            place -= 1
        order.insert(place, candidate)
    return [Entry(c, scores[c.item], reason(c)) for c in order]
