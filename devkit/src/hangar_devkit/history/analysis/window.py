"""Reads from the store what is analysed: the latest runs and what failed in them."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hangar_devkit.history.analysis.flakiness import Attempt, outages
from hangar_devkit.history.analysis.occurrences import Occurrence
from hangar_devkit.history.records import BROKEN, PASSED, SKIPPED, Run
from hangar_devkit.history.results import Frame
from hangar_devkit.history.store.schema import RUN_COLUMNS

_SAMPLE = 10


class StoredRun(NamedTuple):
    """A run in the store.

    Attributes:
        id: Its number in the store.
        tests: Number of tests.
        broken: Number of tests whose last attempt went wrong.
        run: What was recorded of it.
    """

    id: int
    tests: int
    broken: int
    run: Run


class Window(NamedTuple):
    """The latest runs, in order of time, with their failures.

    Attributes:
        runs: The runs; elsewhere a run is given by its index in this tuple.
        occurrences: The failures.
        attempts: The attempts at each test that failed, by node id.
        latest_tests: A few tests of the newest run.
    """

    runs: tuple[StoredRun, ...]
    occurrences: tuple[Occurrence, ...]
    attempts: Mapping[str, tuple[Attempt, ...]]
    latest_tests: tuple[str, ...] = ()

    def absent(self) -> dict[str, int]:
        """Return, for each test that failed, the runs in which it did not run, as a bit mask.

        In a run that was imported as failures alone, the other tests count as passed.
        """
        every = sum(
            1 << index
            for index, (_, tests, broken, run) in enumerate(self.runs)
            if run.source != "import" or tests > broken
        )
        result: dict[str, int] = {}
        for test, attempts in self.attempts.items():
            mask = 0
            for attempt in attempts:
                mask |= 1 << attempt.run
            result[test] = every & ~mask
        return result

    def outages(self) -> frozenset[int]:
        """Return the indexes of the runs that look like an outage."""
        contradicted: dict[int, int] = defaultdict(int)
        for attempts in self.attempts.values():
            passing = {a.key for a in attempts if a.key and a.outcome not in BROKEN}
            for run in {a.run for a in attempts if a.outcome in BROKEN and a.key in passing}:
                contradicted[run] += 1
        return outages(contradicted, {i: run.tests for i, run in enumerate(self.runs)})


def load_window(connection: sqlite3.Connection, runs: int, failures: int) -> Window:
    """Read the latest runs.

    Args:
        connection: The store's connection.
        runs: Maximum number of runs.
        failures: Approximate maximum number of failures; older runs are left out beyond it.
    """
    rows = [
        StoredRun(number, tests, broken, Run(*values))
        for number, tests, broken, *values in connection.execute(
            f"SELECT id, tests, broken, {RUN_COLUMNS} FROM run"
            " ORDER BY started DESC, id DESC LIMIT ?",
            (runs,),
        )
    ]
    chosen: list[StoredRun] = []
    total = 0
    for row in rows:
        total += row.broken
        if chosen and total > failures:
            break
        chosen.append(row)
    chosen.reverse()
    index = {row.id: index for index, row in enumerate(chosen)}
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS window_run (id INTEGER PRIMARY KEY)")
    connection.execute("DELETE FROM window_run")
    connection.executemany("INSERT INTO window_run VALUES (?)", [(row.id,) for row in chosen])
    tests = _tests(connection)
    attempts = _attempts(connection, index, tests)
    for test, more in _covered(connection, index, tests, attempts).items():
        attempts[test] = tuple(sorted(attempts[test] + more))
    return Window(
        tuple(chosen),
        tuple(_occurrences(connection, index, tests)),
        attempts,
        _latest_tests(connection, chosen[-1].id if chosen else 0),
    )


def _tests(connection: sqlite3.Connection) -> dict[int, str]:
    return dict(
        connection.execute(
            "SELECT id, nodeid FROM test WHERE id IN (SELECT f.test FROM window_run w"
            " CROSS JOIN failure f ON f.run=w.id)"
        )
    )


def _occurrences(
    connection: sqlite3.Connection, index: Mapping[int, int], tests: Mapping[int, str]
) -> list[Occurrence]:
    evidence: dict[int, tuple[str, str, tuple[Frame, ...]]] = {
        number: (exception, message, tuple(Frame(*frame) for frame in json.loads(frames)))
        for number, exception, message, frames in connection.execute(
            "SELECT id, exception, message, frames FROM evidence WHERE id IN"
            " (SELECT f.evidence FROM window_run w CROSS JOIN failure f ON f.run=w.id)"
        )
    }
    return [
        Occurrence(
            index[run],
            tests[test],
            *evidence[number],
            key=(run, test, attempt, phase),
            evidence=number,
            class_id=class_id,
        )
        for run, test, attempt, phase, number, class_id in connection.execute(
            "SELECT f.run, f.test, f.attempt, f.phase, f.evidence, f.class FROM window_run w"
            " CROSS JOIN failure f ON f.run=w.id"
        )
    ]


def _attempts(
    connection: sqlite3.Connection, index: Mapping[int, int], tests: Mapping[int, str]
) -> dict[str, tuple[Attempt, ...]]:
    rows = connection.execute(
        "SELECT r.test, r.run, r.attempt, r.outcome, r.content FROM"
        " (SELECT DISTINCT f.test AS id FROM window_run w CROSS JOIN failure f ON f.run=w.id) t"
        " CROSS JOIN window_run w CROSS JOIN result r ON r.run=w.id AND r.test=t.id"
    )
    attempts: dict[int, list[Attempt]] = defaultdict(list)
    for test, run, attempt, outcome, content in rows:
        attempts[test].append(Attempt(index[run], attempt, outcome, content))
    return {tests[test]: tuple(sorted(each)) for test, each in attempts.items()}


def _covered(
    connection: sqlite3.Connection,
    index: Mapping[int, int],
    tests: Mapping[int, str],
    attempts: Mapping[str, Sequence[Attempt]],
) -> dict[str, tuple[Attempt, ...]]:
    """Return further attempts, of runs that show what became of a failure without its own result.

    A file that collects has results of its tests: that is a pass of what could not be collected.
    When other cases of a parametrized test ran, or the test of a subtest, a missing case was
    removed: it is skipped.
    """
    collected = {
        number for (number,) in connection.execute(
            "SELECT DISTINCT f.test FROM window_run w CROSS JOIN failure f ON f.run=w.id"
            " WHERE f.phase='collect'"
        )
    }  # fmt: skip
    newest = len(index) - 1
    found: dict[str, tuple[Attempt, ...]] = {}
    runs_of: dict[str, frozenset[int]] = {}
    for number, nodeid in tests.items():
        own = {attempt.run for attempt in attempts[nodeid]}
        if newest in own:
            continue
        prefixes = _prefixes(nodeid, is_collector=number in collected)
        outcome = PASSED if number in collected else SKIPPED
        runs: set[int] = set()
        for prefix in prefixes:
            if prefix not in runs_of:
                runs_of[prefix] = _runs_with(connection, index, prefix)
            runs |= runs_of[prefix]
        found[nodeid] = tuple(Attempt(run, 0, outcome, 0) for run in sorted(runs - own))
    return found


def _prefixes(nodeid: str, *, is_collector: bool) -> tuple[str, ...]:
    """Return how the node ids begin whose results show what became of a node id."""
    if is_collector:
        return (f"{nodeid}::", f"{nodeid}/") if nodeid else ("",)
    test, bracket, _ = nodeid.partition("[")
    if bracket:
        return (f"{test.rstrip()}[", test) if test.endswith(" ") else (f"{test}[",)
    test, space, _ = nodeid.partition(" (")
    return (test,) if space else ()


def _runs_with(
    connection: sqlite3.Connection, index: Mapping[int, int], prefix: str
) -> frozenset[int]:
    """Return the runs of the window with a result of a node id that begins so."""
    rows = connection.execute(
        "SELECT id FROM window_run w WHERE EXISTS (SELECT 1 FROM test t CROSS JOIN result r"
        " ON r.run=w.id AND r.test=t.id WHERE t.nodeid >= ? AND t.nodeid < ?)",
        (prefix, f"{prefix}\U0010ffff"),
    )
    return frozenset(index[run] for (run,) in rows)


def _latest_tests(connection: sqlite3.Connection, run: int) -> tuple[str, ...]:
    rows = connection.execute(
        "SELECT nodeid FROM test WHERE id IN (SELECT test FROM result WHERE run=? LIMIT ?)",
        (run, _SAMPLE),
    )
    return tuple(nodeid for (nodeid,) in rows)
