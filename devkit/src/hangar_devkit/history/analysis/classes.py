"""Groups failures into error classes: by what they show, and by what failed together over the runs.

A cause is active in a set of runs, its mark, and breaks the same tests in each of them. Sets of
runs are bit masks.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property, lru_cache
from math import comb, log, log2
from typing import NamedTuple

from hangar_devkit.history.analysis.occurrences import NOT_IMPORTABLE, UNAVAILABLE, Occurrence
from hangar_devkit.history.masks import mask_noise

_masked = lru_cache(maxsize=4096)(mask_noise)  # a cause shows the same message in run after run
_MIN_CHOICES = 5
_ROUNDS = 4
_SIMILAR = 2.0
_RELATED = 0.5
_HIDDEN = 0.3
_FLOOR = 0.01
_SHARED = 2.0


def group(
    occurrences: Sequence[Occurrence], runs: int, absent: Mapping[str, int] | None = None
) -> list[Hashable]:
    """Group failures so that those of one cause are together.

    Args:
        occurrences: The failures of a window of runs.
        runs: Number of runs in the window.
        absent: For each test, the runs (a bit mask) in which it did not run.

    Returns:
        A label for each failure; equal labels mean one class.
    """
    related = families(occurrences)
    if runs == 1 or not occurrences:
        return list(related)
    return _Marks(occurrences, related, runs, absent or {}).labels()


def families(occurrences: Sequence[Occurrence]) -> list[Hashable]:
    """Group failures by what each of them shows, as in a first run.

    A failure in the code is identified by its fingerprint. One in a test shows less: failed
    assertions in one file are one family, and so are other exceptions with the same message, such
    as a module that is missing in every test file.
    """
    parents: dict[Hashable, Hashable] = {}

    def find(key: Hashable) -> Hashable:
        while (parent := parents.setdefault(key, key)) != key:
            key = parent
        return key

    first: list[Hashable] = []
    for occurrence in occurrences:
        keys = _family_keys(occurrence)
        for key in keys[1:]:
            parents[find(key)] = find(keys[0])
        first.append(keys[0])
    return [find(key) for key in first]


def _family_keys(occurrence: Occurrence) -> list[Hashable]:
    culprit, exception = occurrence.culprit, occurrence.exception
    message = _masked(occurrence.message.partition("\n")[0])
    # The cause lies outside the code that raises it, and the message names it.
    outside = exception.rpartition(".")[2] in NOT_IMPORTABLE | UNAVAILABLE and message
    if culprit.origin == "app":
        keys: list[Hashable] = [occurrence.fingerprint]
        return [*keys, ("message", exception, occurrence.message)] if outside else keys
    keys = [("file", exception, culprit.path)]
    if not occurrence.is_assertion and message:
        keys.append(("message", exception, occurrence.message if outside else message))
    return keys


def is_distinctive(mask: int, runs: int) -> bool:
    """Return whether two unrelated causes are unlikely to share a set of runs by coincidence.

    The number of changes decides: causes that were active in every run prove nothing.

    Args:
        mask: The set.
        runs: Number of runs in the window.
    """
    changes = ((mask ^ (mask >> 1)) & ((1 << (runs - 1)) - 1)).bit_count() if runs > 1 else 0
    return mask.bit_count() > 1 and comb(runs - 1, changes) >= _MIN_CHOICES


class _Cell(NamedTuple):
    """The failures of one test that show the same.

    Attributes:
        seen: Runs in which they were seen.
        failed: Runs in which the test failed, with this or otherwise.
        reach: The runs of `failed`, and those in which the test did not run.
        alone: Whether they are all failures of the test, and it ran in every run.
        fingerprint: Their fingerprint.
        signature: Their signature.
        family: Their family.
        test: Node id.
    """

    seen: int
    failed: int
    reach: int
    alone: bool
    fingerprint: Hashable
    signature: Hashable
    family: Hashable
    test: str


class _Marks:
    """Finds the marks of causes, and gives each failure the mark that explains it best."""

    def __init__(
        self,
        occurrences: Sequence[Occurrence],
        related: Sequence[Hashable],
        runs: int,
        absent: Mapping[str, int],
    ) -> None:
        self._runs = runs
        members: dict[Hashable, list[int]] = defaultdict(list)
        keys = [_cell_key(occurrence) for occurrence in occurrences]
        for index, key in enumerate(keys):
            members[key].append(index)
        number = {key: n for n, key in enumerate(members)}
        self._cell_of = [number[key] for key in keys]
        self._cells = _cells(occurrences, related, list(members.values()), absent)

    def labels(self) -> list[Hashable]:
        """Return a label for each failure."""
        labels = [
            mark if mark is not None and is_distinctive(mark, self._runs) else cell.family
            for mark, cell in zip(self._assign(), self._cells, strict=True)
        ]
        return [labels[cell] for cell in self._cell_of]

    @cached_property
    def _candidates(self) -> dict[int, float]:
        """The sets of runs that may be marks, with the evidence for each.

        A test that shows one failure only has the mark of its cause. Where causes hide each other,
        the tests that share a fingerprint or a signature show the whole of it.
        """
        weights: dict[int, float] = defaultdict(float)
        for cell in self._cells:
            if cell.alone:
                weights[cell.seen] += 1
        for field in ("fingerprint", "signature"):
            alike: dict[Hashable, list[_Cell]] = defaultdict(list)
            for cell in self._cells:
                alike[getattr(cell, field)].append(cell)
            for cells in alike.values():
                tests = len({cell.test for cell in cells})
                seen, reach = 0, -1
                for cell in cells:
                    seen |= cell.seen
                    reach &= cell.reach
                if tests > 1 and not seen & ~reach:
                    weights[seen] += _SHARED * log2(tests)
        return weights

    def _assign(self) -> list[int | None]:
        """Give each cell the mark of the cause that explains it best, None where no mark does."""
        weights = self._candidates
        within = {
            reach: [mark for mark in weights if not mark & ~reach]
            for reach in {cell.reach for cell in self._cells}
        }
        fitting = [
            [mark for mark in within[cell.reach] if not cell.seen & ~mark] for cell in self._cells
        ]
        assigned: list[int | None] = [cell.seen for cell in self._cells]
        for _ in range(_ROUNDS):
            counts: Counter[Hashable] = Counter()
            for cell, mark in zip(self._cells, assigned, strict=True):
                if mark is not None:
                    counts.update(_evidence(cell, mark))
            revised = [
                max(marks, key=lambda m: (self._score(cell, m, m == own, counts), m), default=None)
                for cell, marks, own in zip(self._cells, fitting, assigned, strict=True)
            ]
            if revised == assigned:
                break
            assigned = revised
        return assigned

    def _score(self, cell: _Cell, mark: int, is_own: bool, counts: Counter[Hashable]) -> float:
        """Return how well a mark explains a cell, by the other cells of that mark."""
        total, fingerprint, signature, family = (
            counts[key] - is_own for key in _evidence(cell, mark)
        )
        weight = self._candidates[mark] - (cell.alone and mark == cell.seen)
        hidden = (mark & cell.failed & ~cell.seen).bit_count()
        return (
            log(total + weight + _FLOOR)
            + _SIMILAR * ((fingerprint > 0) + (signature > 0))
            + _RELATED * (family > 0)
            - _HIDDEN * hidden
        )


def _evidence(cell: _Cell, mark: int) -> tuple[Hashable, ...]:
    return (
        mark,
        (mark, "fingerprint", cell.fingerprint),
        (mark, "signature", cell.signature),
        (mark, "family", cell.family),
    )


def _cell_key(occurrence: Occurrence) -> Hashable:
    steps = tuple((frame.path, frame.function, frame.source) for frame in occurrence.frames)
    return occurrence.test, occurrence.exception, _masked(occurrence.message), steps


def _cells(
    occurrences: Sequence[Occurrence],
    related: Sequence[Hashable],
    members: Sequence[Sequence[int]],
    absent: Mapping[str, int],
) -> list[_Cell]:
    seen = []
    failed: dict[str, int] = defaultdict(int)
    shown: Counter[str] = Counter()
    for indexes in members:
        mask = 0
        for index in indexes:
            mask |= 1 << occurrences[index].run
        test = occurrences[indexes[0]].test
        seen.append(mask)
        failed[test] |= mask
        shown[test] += 1
    cells = []
    for mask, (first, *_) in zip(seen, members, strict=True):
        each = occurrences[first]
        missed = absent.get(each.test, 0) & ~failed[each.test]
        cells.append(
            _Cell(
                mask,
                failed[each.test],
                failed[each.test] | missed,
                shown[each.test] == 1 and not missed,
                each.fingerprint,
                each.signature,
                related[first],
                each.test,
            )
        )
    return cells
