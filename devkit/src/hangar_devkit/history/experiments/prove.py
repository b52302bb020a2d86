"""Finds what decides the outcome of a test: a condition that flips it, or chance."""

import datetime as dt
import shlex
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hangar_devkit.history.experiments.conditions import VARIABLE
from hangar_devkit.history.experiments.trials import (
    FAILED,
    MISSING,
    NATURAL,
    PLUGIN,
    SKIPPED,
    Condition,
    Laboratory,
    OutOfTimeError,
)
from hangar_devkit.history.store.store import Store

FLAKY: Final = "flaky"
NOT_PROVEN: Final = "not proven"
_REPEATS: Final = 4
_SEEDS: Final = range(4)
_MAX_BEFORE: Final = 2000
_CONFIRMATIONS: Final = 2
_UNCHANGED_CLOCK: Final = Condition("the clock as it is", "clock", ("clock=+0",))


@dataclass(frozen=True)
class Proof:
    """What experiments showed of a test.

    Attributes:
        verdict: `flaky`, or `not proven`.
        type: What decides the outcome, such as `order`; "" when that is not known.
        evidence: What was seen, line by line.
        command: The command that reproduces the rarer outcome; "" without one.
    """

    verdict: str
    type: str
    evidence: tuple[str, ...]
    command: str = ""


def prove(
    root: Path, test: str, *, store: Store | None, budget: float, options: Sequence[str] = ()
) -> Proof:
    """Run a test again and again, each time with one change, and return what decides its outcome.

    Args:
        root: The project's root.
        test: Node id.
        store: The history, which knows the orders in which the test failed and passed.
        budget: Seconds to spend.
        options: Further options of pytest.
    """
    laboratory = Laboratory(root, time.monotonic() + budget, options)
    prover = _Prover(laboratory, test, store)
    try:
        proof = prover.run()
    except OutOfTimeError:
        tried = ", ".join(dict.fromkeys(prover.tried)) or "nothing"
        lines = (*prover.evidence, f"the budget of {budget:g} s is spent; tried: {tried}")
        proof = Proof(NOT_PROVEN, "", lines)
    return proof


class _Prover:
    def __init__(self, laboratory: Laboratory, test: str, store: Store | None) -> None:
        self._laboratory = laboratory
        self._test = test
        self._store = store
        self.tried: list[str] = []
        self.evidence: list[str] = []

    def run(self) -> Proof:
        """Run the experiments, cheapest and likeliest first."""
        natural = self._repeat(NATURAL, 3, recorded=True)
        if natural == [MISSING] * len(natural):
            return Proof(NOT_PROVEN, "", (f"pytest does not run {self._test} here",))
        self.evidence.append(f"alone: {_count(natural)}")
        if set(natural) == {SKIPPED}:
            return Proof(NOT_PROVEN, "", (*self.evidence, "`pytest -rs` shows why it is skipped"))
        if _differs(natural):
            return self._of_random(natural)
        usual = next(outcome for outcome in natural if outcome != SKIPPED)
        for family in (self._orders, _others, _hash_seeds, _random_seeds, _zones, _clocks):
            if family is _clocks and _differs([usual, self._outcome(_UNCHANGED_CLOCK)]):
                self.evidence.append("the clock cannot be changed for this test")
                continue
            for condition in family():
                proof = self._try(condition, usual)
                if proof:
                    return proof
        natural += self._repeat(NATURAL, 2 * _REPEATS, recorded=True)
        self.evidence[0] = f"alone: {_count(natural)}"
        if _differs(natural):
            return self._of_random(natural)
        tried = f"nothing that was tried flips it: {', '.join(dict.fromkeys(self.tried))}"
        return Proof(NOT_PROVEN, "", (*self.evidence, tried))

    def _outcome(self, condition: Condition, *, recorded: bool = False) -> str:
        return self._laboratory.outcome(self._test, condition, recorded=recorded)

    def _repeat(self, condition: Condition, times: int, *, recorded: bool = False) -> list[str]:
        return [self._outcome(condition, recorded=recorded) for _ in range(times)]

    def _try(self, condition: Condition, usual: str) -> Proof | None:
        """Return the proof that a condition flips the outcome, if it does so again."""
        self.tried.append(condition.type)
        outcome = self._outcome(condition)
        if outcome in {usual, MISSING, SKIPPED}:
            return None
        controls, again = [usual], [outcome]
        for _ in range(_CONFIRMATIONS):  # in turn, so that time does not decide
            controls.append(self._outcome(NATURAL, recorded=True))
            again.append(self._outcome(condition))
        if _differs(controls):
            return self._of_random(controls)
        if _differs(again):
            self.evidence.append(f"{condition.name}: {_count(again)}")
            return self._of_random(again)
        if condition.before:
            condition = self._fewer(condition, outcome)
        seen = f"{condition.name}: {_count(again)}; without it: {_count(controls)}"
        return Proof(FLAKY, condition.type, (*self.evidence, seen), self._command(condition))

    def _of_random(self, seen: Sequence[str]) -> Proof:
        """Return the proof of a test whose outcome differs with nothing changed."""
        self.evidence.append(f"with nothing changed: {_count(seen)}")
        for type_, conditions in (
            ("hash seed", list(_hash_seeds())),
            ("random numbers", list(_random_seeds())),
            ("clock", list(_moments())),
        ):
            decisive = self._decisive(conditions)
            if decisive is not None:
                line = (
                    f"{decisive.name} decides it: the same outcome twice, another one with others"
                )
                return Proof(FLAKY, type_, (*self.evidence, line), self._command(decisive))
        return Proof(
            FLAKY, "timing or an outside resource",
            (*self.evidence, "neither seeds nor the clock decide it"), self._command(NATURAL),
        )  # fmt: skip

    def _decisive(self, conditions: Sequence[Condition]) -> Condition | None:
        """Return a condition with the rarer outcome, if the conditions decide the outcome."""
        found: dict[str, list[Condition]] = {}
        for condition in conditions:
            outcomes = self._repeat(condition, 2)
            if _differs(outcomes):
                return None
            if SKIPPED not in outcomes:
                found.setdefault(outcomes[0], []).append(condition)
        if len(found) < 2:
            return None
        rare = found[FAILED] if FAILED in found else min(found.values(), key=len)
        return rare[0] if self._repeat(rare[0], 2) == [FAILED, FAILED] else None

    def _orders(self) -> Iterator[Condition]:
        """Yield orders of tests: those of runs with the other outcome, then that of its file."""
        for name, before in self._recorded_orders():
            if before:
                yield Condition(name, "order", before=before)
        siblings = self._siblings()
        if siblings:
            yield Condition("after the rest of its file", "order", before=tuple(siblings))
            yield Condition(
                "after the rest of its file, reversed", "order", before=tuple(reversed(siblings))
            )

    def _recorded_orders(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        if self._store is None:
            return
        query = self._store.connection.execute
        rows = query(
            "SELECT r.run, r.worker, r.position, r.outcome, run.uid FROM result r"
            " JOIN test ON test.id=r.test JOIN run ON run.id=r.run WHERE test.nodeid=?"
            " AND r.position > 0 ORDER BY run.started DESC LIMIT 40",
            (self._test,),
        ).fetchall()
        shown: set[int] = set()
        for run, worker, position, outcome, uid in rows:
            if outcome in shown or position > _MAX_BEFORE:
                continue
            shown.add(outcome)
            before = query(
                "SELECT test.nodeid FROM result r JOIN test ON test.id=r.test WHERE r.run=?"
                " AND r.worker=? AND r.position<? AND NOT test.subtest ORDER BY r.position",
                (run, worker, position),
            ).fetchall()
            names = dict.fromkeys(name for (name,) in before if name != self._test)
            yield f"in the order of run {uid}", tuple(names)

    def _siblings(self) -> list[str]:
        """Return the other tests of the file, in the order in which pytest collects them."""
        file = self._test.partition("::")[0]
        outcomes = self._laboratory.outcomes([file], Condition("file"))
        return [nodeid for nodeid in outcomes if nodeid != self._test and "::" in nodeid]

    def _fewer(self, condition: Condition, outcome: str) -> Condition:
        """Return a condition with as few tests before as still give the outcome."""
        before = list(condition.before)

        def still(tests: Sequence[str]) -> bool:
            changed = Condition(condition.name, condition.type, before=tuple(tests))
            return self._outcome(changed) == outcome

        try:
            before = _smallest(before, still)
        except OutOfTimeError:
            self.evidence.append("the budget ended while it looked for the fewest tests before it")
        name = f"after {', '.join(before[:3])}" + (
            f" and {len(before) - 3} more" if before[3:] else ""
        )
        return Condition(name, condition.type, before=tuple(before))

    def _command(self, condition: Condition) -> str:
        """Return a command for a shell that runs the test under a condition."""
        settings = dict(condition.environment)
        plugin: list[str] = []
        if condition.words:
            settings[VARIABLE] = " ".join(condition.words)
            plugin = ["-p", PLUGIN]
        tests = map(_argument, (*condition.before, self._test))
        words = [*plugin, *self._laboratory.switches(condition), *self._laboratory.options, *tests]
        parts = [f"{name}={shlex.quote(value)}" for name, value in settings.items()]
        command = " ".join([*parts, "python -m pytest", *map(shlex.quote, words)])
        return " &\n".join([command] * condition.copies)


def _argument(test: str) -> str:
    """Return how to name a test to pytest, which finds no case whose id contains `::`."""
    name, _, parameters = test.partition("[")
    return name if "::" in parameters else test


def _smallest(items: list[str], still: Callable[[Sequence[str]], bool]) -> list[str]:
    """Return a small part of a list, in order, for which a predicate still holds.

    Source: A. Zeller, R. Hildebrandt, IEEE Transactions on Software Engineering 28 (2002).
    """
    parts = 2
    while len(items) > 1:
        size = max(1, len(items) // parts)
        chunks = [items[i : i + size] for i in range(0, len(items), size)]
        for index, chunk in enumerate(chunks):
            if still(chunk):
                items, parts = chunk, 2
                break
            rest = [item for j, other in enumerate(chunks) if j != index for item in other]
            if len(chunks) > 2 and still(rest):
                items, parts = rest, max(parts - 1, 2)
                break
        else:
            if size == 1:
                break
            parts = min(len(items), 2 * parts)
    return items


def _differs(outcomes: Sequence[str]) -> bool:
    """Return whether outcomes contradict each other; a skip contradicts none."""
    return len(set(outcomes) - {SKIPPED}) > 1


def _count(outcomes: Sequence[str]) -> str:
    return ", ".join(f"{outcomes.count(name)} x {name}" for name in dict.fromkeys(outcomes))


def _hash_seeds() -> Iterator[Condition]:
    for seed in _SEEDS:
        yield Condition(
            f"PYTHONHASHSEED={seed}", "hash seed", environment={"PYTHONHASHSEED": str(seed)}
        )


def _random_seeds() -> Iterator[Condition]:
    for seed in _SEEDS:
        yield Condition(f"random seed {seed}", "random numbers", (f"random={seed}",))


def _zones() -> Iterator[Condition]:
    """Yield time zones, as POSIX writes them: their sign is that of the way to UTC."""
    for zone, name in (("XXX-14", "UTC+14"), ("XXX+12", "UTC-12"), ("XXX-5:30", "UTC+5:30")):
        yield Condition(f"time zone {name}", "time zone", environment={"TZ": zone})


def _clocks() -> Iterator[Condition]:
    today = dt.datetime.now(dt.UTC)
    weekend = today + dt.timedelta(days=5 - today.weekday())
    weekday = today + dt.timedelta(days=9 - today.weekday())
    for moment in (
        f"{weekend:%Y-%m-%d}T12:00:00", f"{weekday:%Y-%m-%d}T12:00:00",
        f"{today:%Y-%m-%d}T23:59:59.999", f"{today:%Y-%m-%d}T00:00:00",
        f"{today.year}-12-31T12:00:00", f"{today.year}-01-31T12:00:00", "2028-02-29T12:00:00",
    ):  # fmt: skip
        yield Condition(f"clock at {moment}", "clock", (f"clock={moment}",))
    for days, name in ((31, "a month"), (366, "a year"), (3653, "ten years")):
        yield Condition(f"{name} later", "clock", (f"clock=+{86_400 * days}",))


def _moments() -> Iterator[Condition]:
    today = dt.datetime.now(dt.UTC)
    for time_ in ("12:00:00", "12:00:00.250001", "12:00:01.500002", "12:00:02.750003", "12:34:57"):
        moment = f"{today:%Y-%m-%d}T{time_}"
        yield Condition(f"clock at {moment}", "clock", (f"clock={moment}",))


def _others() -> Iterator[Condition]:
    yield Condition("three copies at once", "parallel", copies=3)
    yield Condition("no network", "network", ("network=off",))
    yield Condition("64 MB of memory", "memory", ("memory=64",))
