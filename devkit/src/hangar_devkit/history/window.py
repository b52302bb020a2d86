"""Reads from the store what the analysis looks at: the latest runs and what failed in them."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hangar_devkit.history.fingerprint import Sighting
from hangar_devkit.history.flaky import Attempt, outages
from hangar_devkit.history.records import BROKEN
from hangar_devkit.history.results import Frame

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping


class RunRow(NamedTuple):
    """A run of the window."""

    id: int
    uid: str
    started: float
    seconds: float
    revision: str
    branch: str
    dirty: int
    on_default: int
    job: str
    person: str
    tests: int
    broken: int
    source: str
    zone: str
    seed: str


class FailureRow(NamedTuple):
    """A failure of the window; `run` is the run's number in the store."""

    run: int
    test: int
    attempt: int
    phase: str
    evidence: int
    quarantined: int
    class_id: int


@dataclass(frozen=True)
class Window:
    """The latest runs, in order of time, with their failures.

    Attributes:
        place: For each run's number, its place in the window.
        sightings: The failures as the analysis sees them, in the order of `failures`.
        tests: Node id of each test that failed.
        attempts: Attempts in the window of each test that failed.
        gone: Node ids, among these, of the tests that no longer exist.
    """

    runs: tuple[RunRow, ...]
    place: Mapping[int, int]
    failures: tuple[FailureRow, ...]
    sightings: tuple[Sighting, ...]
    tests: Mapping[int, str]
    attempts: Mapping[int, tuple[Attempt, ...]]
    gone: frozenset[str] = frozenset()

    def absent(self) -> dict[str, int]:
        """Return, for each test that failed, the runs in which it did not run, as a bit mask.

        Of a run that was imported as failures alone, the other tests count as passed.
        """
        every = sum(
            1 << place
            for place, run in enumerate(self.runs)
            if run.source != "import" or run.tests > run.broken
        )
        result: dict[str, int] = {}
        for test, attempts in self.attempts.items():
            mask = 0
            for attempt in attempts:
                mask |= 1 << attempt.run
            result[self.tests[test]] = every & ~mask
        return result

    def outages(self) -> frozenset[int]:
        """Return the places of the runs that look like an outage."""
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
        runs: At most so many runs.
        failures: At most about so many failures: older runs are left out before that.
    """
    names = ", ".join(RunRow._fields)
    rows = [
        RunRow(*row)
        for row in connection.execute(
            f"SELECT {names} FROM run ORDER BY started DESC, id DESC LIMIT ?", (runs,)
        )
    ]
    chosen: list[RunRow] = []
    total = 0
    for row in rows:
        total += row.broken
        if chosen and total > failures:
            break
        chosen.append(row)
    chosen.reverse()
    place = {row.id: index for index, row in enumerate(chosen)}
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS window_run (id INTEGER PRIMARY KEY)")
    connection.execute("DELETE FROM window_run")
    connection.executemany("INSERT INTO window_run VALUES (?)", [(row.id,) for row in chosen])
    failed = tuple(
        FailureRow(*row)
        for row in connection.execute(
            "SELECT f.* FROM window_run w CROSS JOIN failure f ON f.run=w.id"
        )
    )
    tests = _tests(connection)
    seen = _evidence(connection)
    sightings = tuple(Sighting(place[f.run], tests[f.test], *seen[f.evidence]) for f in failed)
    return Window(tuple(chosen), place, failed, sightings, tests, _attempts(connection, place))


def _tests(connection: sqlite3.Connection) -> dict[int, str]:
    return dict(
        connection.execute(
            "SELECT id, nodeid FROM test WHERE id IN (SELECT f.test FROM window_run w"
            " CROSS JOIN failure f ON f.run=w.id)"
        )
    )


def _evidence(
    connection: sqlite3.Connection,
) -> dict[int, tuple[str, str, tuple[Frame, ...]]]:
    rows = connection.execute(
        "SELECT id, exception, message, frames FROM evidence WHERE id IN"
        " (SELECT f.evidence FROM window_run w CROSS JOIN failure f ON f.run=w.id)"
    )
    return {
        number: (exception, message, tuple(Frame(*frame) for frame in json.loads(frames)))
        for number, exception, message, frames in rows
    }


def _attempts(
    connection: sqlite3.Connection, place: Mapping[int, int]
) -> dict[int, tuple[Attempt, ...]]:
    rows = connection.execute(
        "SELECT r.test, r.run, r.attempt, r.outcome, r.content FROM"
        " (SELECT DISTINCT f.test AS id FROM window_run w CROSS JOIN failure f ON f.run=w.id) t"
        " CROSS JOIN window_run w CROSS JOIN result r ON r.run=w.id AND r.test=t.id"
    )
    found: dict[int, list[Attempt]] = defaultdict(list)
    for test, run, attempt, outcome, content in rows:
        found[test].append(Attempt(place[run], attempt, outcome, content))
    return {test: tuple(sorted(attempts)) for test, attempts in found.items()}
