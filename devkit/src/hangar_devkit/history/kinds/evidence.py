"""What the history holds about a flaky test that may tell its kind."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from hangar_devkit.history.records import BROKEN, PASSED, XPASSED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Sequence

    from hangar_devkit.history.fingerprint import Sighting
    from hangar_devkit.history.window import RunRow, Window

_RUNS = 150
_RESULTS = 400_000
"""The latest runs are enough: so many of them, with at most about so many results."""


class Trial(NamedTuple):
    """A first attempt that passed or failed.

    Attributes:
        run: The run, in order of time.
        failed: Whether it failed.
        milliseconds: How long it took.
        before: The tests that ran before it in the same process, as a bit mask.
        started: Start of the run, in seconds since the epoch.
        zone: Time zone of the run, as `+0200`; "" when it is not known.
    """

    run: int
    failed: bool
    milliseconds: int
    before: int
    started: float
    zone: str


class Evidence(NamedTuple):
    """All about one test.

    Attributes:
        test: Its number in the store.
        nodeid: Its node id.
        trials: In order of time.
        sightings: Its failures.
        names: Node ids of the bits of `Trial.before`.
    """

    test: int
    nodeid: str
    trials: tuple[Trial, ...]
    sightings: tuple[Sighting, ...]
    names: Sequence[str]


def gather(
    connection: sqlite3.Connection,
    window: Window,
    tests: Collection[int],
    left_out: Collection[int] = (),
) -> list[Evidence]:
    """Read the evidence on some tests.

    Args:
        connection: The store's connection; its window is the one that was loaded last.
        window: That window.
        tests: Numbers of the tests.
        left_out: Places of the runs to leave out, as outages are.
    """
    trials: dict[int, list[Trial]] = defaultdict(list)
    bit: dict[int, int] = {}
    for run in _latest(window.runs, left_out):
        for test, trial in _read(connection, run, window.place[run.id], bit):
            if test in tests:
                trials[test].append(trial)
    numbers = list(bit)
    known = dict(connection.execute("SELECT id, nodeid FROM test")) if numbers else {}
    names = [known[number] for number in numbers]
    failures: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in window.sightings:
        if sighting.run not in left_out:
            failures[sighting.test].append(sighting)
    return [
        Evidence(
            test,
            window.tests[test],
            _of_one_content(trials[test], _mixed(window, test)),
            tuple(failures[window.tests[test]]),
            names,
        )
        for test in tests
    ]


def _latest(runs: Sequence[RunRow], left_out: Collection[int]) -> list[RunRow]:
    chosen: list[RunRow] = []
    total = 0
    for place in range(len(runs) - 1, -1, -1):
        total += runs[place].tests
        if len(chosen) == _RUNS or (chosen and total > _RESULTS):
            break
        if place not in left_out:
            chosen.append(runs[place])
    return chosen[::-1]


def _read(
    connection: sqlite3.Connection, run: RunRow, place: int, bit: dict[int, int]
) -> Iterator[tuple[int, Trial]]:
    """Return the trials of one run with the numbers of their tests; each test gets its bit."""
    rows = connection.execute(
        "SELECT worker, test, attempt, outcome, milliseconds FROM result WHERE run=?"
        " ORDER BY worker, position",
        (run.id,),
    ).fetchall()
    for _, of_worker in groupby(rows, key=lambda row: row[0]):
        before = 0
        for _, test, attempt, outcome, milliseconds in of_worker:
            failed = outcome in BROKEN
            if attempt == 0 and (failed or outcome in {PASSED, XPASSED}):
                yield test, Trial(place, failed, milliseconds, before, run.started, run.zone)
            before |= 1 << bit.setdefault(test, len(bit))


def _mixed(window: Window, test: int) -> set[int]:
    """Return the runs of the contents with which a test both passed and failed."""
    outcomes: dict[int, set[bool]] = defaultdict(set)
    for attempt in window.attempts[test]:
        outcomes[attempt.key].add(attempt.outcome in BROKEN)
    return {a.run for a in window.attempts[test] if a.key and len(outcomes[a.key]) == 2}


def _of_one_content(trials: Sequence[Trial], mixed: Collection[int]) -> tuple[Trial, ...]:
    """Leave out the runs of other contents: a regression says nothing about chance."""
    chosen = tuple(trial for trial in trials if trial.run in mixed)
    return chosen if {trial.failed for trial in chosen} == {True, False} else tuple(trials)
