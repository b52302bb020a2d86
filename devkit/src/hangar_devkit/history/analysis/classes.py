"""Groups failures into error classes: by fingerprint, and by what failed together over the runs."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence

from hangar_devkit.history.analysis.cofailure import Pattern, bits, find_marks, is_distinctive
from hangar_devkit.history.analysis.occurrences import Occurrence

_ROUNDS = 5
_FLOOR = 1e-4


def group(
    occurrences: Sequence[Occurrence], runs: int, absent: Mapping[str, int] | None = None
) -> list[Hashable]:
    """Group failures so that those of one cause are together.

    With few runs the fingerprint alone decides. Over more runs, the set of runs in which a cause
    was active identifies it: fingerprints that share the set are merged, and one fingerprint that
    two causes share is split.

    Args:
        occurrences: The failures of a window of runs.
        runs: Number of runs in the window.
        absent: For each test, the runs (a bit mask) in which it did not run.

    Returns:
        A label for each failure; equal labels mean one class.
    """
    return _Grouping(occurrences, runs, absent or {}).labels()


class _Grouping:
    def __init__(
        self, occurrences: Sequence[Occurrence], runs: int, absent: Mapping[str, int]
    ) -> None:
        self._occurrences = occurrences
        self._runs = runs
        self._absent = absent
        self._fingerprints = [s.fingerprint for s in occurrences]
        self._signatures = [s.signature for s in occurrences]
        self._details = [hash(s.detail) for s in occurrences]
        self._failed: dict[str, int] = defaultdict(int)
        for occurrence in occurrences:
            self._failed[occurrence.test] |= 1 << occurrence.run

    def labels(self) -> list[Hashable]:
        """Return a label for each failure."""
        keys, patterns = self._patterns()
        marks, taken = find_marks(patterns)
        mark_of = dict(zip(keys, taken, strict=True))
        assigned = self._assign(marks, mark_of)
        counts: dict[str, Counter[int]] = defaultdict(Counter)
        for fingerprint, mark in zip(self._fingerprints, assigned, strict=True):
            if mark is not None:
                counts[fingerprint][mark] += 1
        return [
            mark
            if mark is not None
            else counts[fingerprint].most_common(1)[0][0]
            if fingerprint in counts
            else fingerprint
            for fingerprint, mark in zip(self._fingerprints, assigned, strict=True)
        ]

    def _reach(self, test: str) -> int:
        """Return the runs in which a cause may have hit a test, visibly or not."""
        return self._failed[test] | self._absent.get(test, 0)

    def _patterns(self) -> tuple[list[Hashable], list[Pattern]]:
        """Return the distinctive patterns of tests, fingerprints and signatures, and their keys."""
        keys: list[Hashable] = []
        patterns: list[Pattern] = []
        same: dict[tuple[int, int], int] = Counter(
            (failed, self._absent.get(test, 0) & ~failed) for test, failed in self._failed.items()
        )
        for (failed, absent), count in same.items():
            if is_distinctive(failed, self._runs):
                keys.append((failed, absent))
                patterns.append(Pattern(failed, absent, count * failed.bit_count(), {}))
        seen: dict[Hashable, int] = defaultdict(int)
        tests: dict[Hashable, set[str]] = defaultdict(set)
        weight: Counter[Hashable] = Counter()
        signature: Hashable
        shown: dict[tuple[str, int], set[Hashable]] = defaultdict(set)
        for index, occurrence in enumerate(self._occurrences):
            shown[occurrence.test, occurrence.run].add(self._signatures[index])
            for key in (self._fingerprints[index], self._signatures[index]):
                seen[key] |= 1 << occurrence.run
                tests[key].add(occurrence.test)
                weight[key] += 1
        for signature, mask in seen.items():
            if is_distinctive(mask, self._runs):
                reach = -1
                for test in tests[signature]:
                    reach &= self._reach(test)
                hidden = reach & ~mask
                others = {
                    run: frozenset(
                        seen[o] for t in tests[signature] for o in shown.get((t, run), ())
                    )
                    for run in bits(hidden)
                }
                keys.append(signature)
                patterns.append(
                    Pattern(
                        mask,
                        hidden,
                        weight[signature],
                        {run: masks for run, masks in others.items() if masks},
                    )
                )
        return keys, patterns

    def _assign(self, marks: Sequence[int], mark_of: Mapping[Hashable, int]) -> list[int | None]:
        """Give each failure the mark of the cause that explains it best, if any does."""
        reaches = {self._reach(test) for test in self._failed}
        within = {reach: [m for m in marks if not m & ~reach] for reach in reaches}
        distinctive = {
            test for test, mask in self._failed.items() if is_distinctive(mask, self._runs)
        }
        choices = []
        for index, occurrence in enumerate(self._occurrences):
            fitting = [m for m in within[self._reach(occurrence.test)] if m >> occurrence.run & 1]
            if occurrence.test not in distinctive:  # every mark fits a test that always fails
                own = {mark_of.get(self._signatures[index]), mark_of.get(self._fingerprints[index])}
                fitting = [m for m in fitting if m in own]
            choices.append(fitting)
        assigned = [self._first_guess(i, fitting, mark_of) for i, fitting in enumerate(choices)]
        for _ in range(_ROUNDS):
            revised = self._revise(assigned, choices)
            if revised == assigned:
                break
            assigned = revised
        return assigned

    def _first_guess(
        self, index: int, choices: Sequence[int], mark_of: Mapping[Hashable, int]
    ) -> int | None:
        if len(choices) == 1:
            return choices[0]
        for key in (self._signatures[index], self._fingerprints[index]):
            mark = mark_of.get(key)
            if mark in choices:
                return mark
        return None

    def _revise(
        self, assigned: Sequence[int | None], choices: Sequence[Sequence[int]]
    ) -> list[int | None]:
        """Assign again, by the failures that each cause has in each test and elsewhere."""
        counts: Counter[tuple[Hashable, ...]] = Counter()
        for index, mark in enumerate(assigned):
            if mark is not None:
                counts.update(self._evidence(index, mark))
        revised: list[int | None] = []
        for index, fitting in enumerate(choices):
            best: int | None = fitting[0] if fitting else None
            if len(fitting) > 1:
                scores = {m: self._score(index, m, assigned[index], counts) for m in fitting}
                best = max(fitting, key=scores.__getitem__)
            revised.append(best)
        return revised

    def _evidence(self, index: int, mark: int) -> tuple[tuple[Hashable, ...], ...]:
        test = self._occurrences[index].test
        return (
            (mark,),
            (mark, "test", test),
            (mark, "detail", test, self._details[index]),
            (mark, "signature", self._signatures[index]),
            (mark, "fingerprint", self._fingerprints[index]),
        )

    def _score(
        self, index: int, mark: int, current: int | None, counts: Counter[tuple[Hashable, ...]]
    ) -> float:
        own = 1 if current == mark else 0
        total, test, detail, signature, fingerprint = (
            counts[key] - own for key in self._evidence(index, mark)
        )
        elsewhere = (0.5 * fingerprint + 0.4 * signature) / (total + 1) + _FLOOR
        return float((detail + 0.5 * elsewhere) / (test + 0.5) * (total + 1) ** 0.3)
