"""Puts failures into error classes: by fingerprint, and by what failed together over the runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from hangar_devkit.history.cofailure import Pattern, bits, is_telling, marks

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from hangar_devkit.history.fingerprint import Sighting

_ROUNDS = 5
_FLOOR = 1e-4


def group(
    sightings: Sequence[Sighting], runs: int, absent: Mapping[str, int] | None = None
) -> list[Hashable]:
    """Group failures so that those of one cause are together.

    With few runs this is the fingerprint alone. Over more runs, a cause is known by the set of
    runs in which it was at work: fingerprints that share it are merged, and one fingerprint that
    two causes share is split.

    Args:
        sightings: The failures of a window of runs.
        runs: Number of runs in the window.
        absent: For each test, the runs (a bit mask) in which it did not run.

    Returns:
        For each failure a label; equal labels mean one class.
    """
    return _Grouping(sightings, runs, absent or {}).labels()


class _Grouping:
    def __init__(self, sightings: Sequence[Sighting], runs: int, absent: Mapping[str, int]) -> None:
        self._sightings = sightings
        self._runs = runs
        self._absent = absent
        self._prints = [s.fingerprint for s in sightings]
        self._sights = [s.sight for s in sightings]
        self._details = [hash(s.detail) for s in sightings]
        self._failed: dict[str, int] = defaultdict(int)
        for sighting in sightings:
            self._failed[sighting.test] |= 1 << sighting.run

    def labels(self) -> list[Hashable]:
        """Return a label for each failure."""
        keys, patterns = self._patterns()
        found, taken = marks(patterns)
        home = dict(zip(keys, taken, strict=True))
        assigned = self._assign(found, home)
        places: dict[str, Counter[int]] = defaultdict(Counter)
        for print_of, mark in zip(self._prints, assigned, strict=True):
            if mark is not None:
                places[print_of][mark] += 1
        return [
            mark
            if mark is not None
            else places[print_of].most_common(1)[0][0]
            if print_of in places
            else print_of
            for print_of, mark in zip(self._prints, assigned, strict=True)
        ]

    def _reach(self, test: str) -> int:
        """Return the runs in which a cause may have hit a test, seen or not."""
        return self._failed[test] | self._absent.get(test, 0)

    def _patterns(self) -> tuple[list[Hashable], list[Pattern]]:
        """Return the telling patterns of tests, fingerprints and sights, with their keys."""
        keys: list[Hashable] = []
        patterns: list[Pattern] = []
        same: dict[tuple[int, int], int] = Counter(
            (failed, self._absent.get(test, 0) & ~failed) for test, failed in self._failed.items()
        )
        for (failed, absent), count in same.items():
            if is_telling(failed, self._runs):
                keys.append((failed, absent))
                patterns.append(Pattern(failed, absent, count * failed.bit_count(), {}))
        seen: dict[Hashable, int] = defaultdict(int)
        tests: dict[Hashable, set[str]] = defaultdict(set)
        weight: Counter[Hashable] = Counter()
        sight: Hashable
        shown: dict[tuple[str, int], set[Hashable]] = defaultdict(set)
        for index, sighting in enumerate(self._sightings):
            shown[sighting.test, sighting.run].add(self._sights[index])
            for key in (self._prints[index], self._sights[index]):
                seen[key] |= 1 << sighting.run
                tests[key].add(sighting.test)
                weight[key] += 1
        for sight, mask in seen.items():
            if is_telling(mask, self._runs):
                reach = -1
                for test in tests[sight]:
                    reach &= self._reach(test)
                hidden = reach & ~mask
                others = {
                    run: frozenset(seen[o] for t in tests[sight] for o in shown.get((t, run), ()))
                    for run in bits(hidden)
                }
                keys.append(sight)
                patterns.append(
                    Pattern(
                        mask,
                        hidden,
                        weight[sight],
                        {run: masks for run, masks in others.items() if masks},
                    )
                )
        return keys, patterns

    def _assign(self, found: Sequence[int], home: Mapping[Hashable, int]) -> list[int | None]:
        """Give each failure the mark of the cause that explains it best, where one can."""
        reaches = {self._reach(test) for test in self._failed}
        within = {reach: [m for m in found if not m & ~reach] for reach in reaches}
        telling = {test for test, mask in self._failed.items() if is_telling(mask, self._runs)}
        choices = []
        for index, sighting in enumerate(self._sightings):
            fitting = [m for m in within[self._reach(sighting.test)] if m >> sighting.run & 1]
            if sighting.test not in telling:  # every mark lies within a test that always fails
                own = {home.get(self._sights[index]), home.get(self._prints[index])}
                fitting = [m for m in fitting if m in own]
            choices.append(fitting)
        assigned = [self._first_guess(i, marks_, home) for i, marks_ in enumerate(choices)]
        for _ in range(_ROUNDS):
            revised = self._revise(assigned, choices)
            if revised == assigned:
                break
            assigned = revised
        return assigned

    def _first_guess(
        self, index: int, choices: Sequence[int], home: Mapping[Hashable, int]
    ) -> int | None:
        if len(choices) == 1:
            return choices[0]
        for key in (self._sights[index], self._prints[index]):
            mark = home.get(key)
            if mark in choices:
                return mark
        return None

    def _revise(
        self, assigned: Sequence[int | None], choices: Sequence[Sequence[int]]
    ) -> list[int | None]:
        """Assign again, by what each cause shows in each test and elsewhere."""
        counts: Counter[tuple[Hashable, ...]] = Counter()
        for index, mark in enumerate(assigned):
            if mark is not None:
                counts.update(self._evidence(index, mark))
        revised: list[int | None] = []
        for index, marks_ in enumerate(choices):
            best: int | None = marks_[0] if marks_ else None
            if len(marks_) > 1:
                scores = {m: self._score(index, m, assigned[index], counts) for m in marks_}
                best = max(marks_, key=scores.__getitem__)
            revised.append(best)
        return revised

    def _evidence(self, index: int, mark: int) -> tuple[tuple[Hashable, ...], ...]:
        test = self._sightings[index].test
        return (
            (mark,),
            (mark, "test", test),
            (mark, "detail", test, self._details[index]),
            (mark, "sight", self._sights[index]),
            (mark, "print", self._prints[index]),
        )

    def _score(
        self, index: int, mark: int, current: int | None, counts: Counter[tuple[Hashable, ...]]
    ) -> float:
        own = 1 if current == mark else 0
        total, test, detail, sight, print_of = (
            counts[key] - own for key in self._evidence(index, mark)
        )
        elsewhere = (0.5 * print_of + 0.4 * sight) / (total + 1) + _FLOOR
        return float((detail + 0.5 * elsewhere) / (test + 0.5) * (total + 1) ** 0.3)
