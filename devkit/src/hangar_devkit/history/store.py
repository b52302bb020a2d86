"""The store: every run of a project's tests in one SQLite file."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from hangar_devkit.history.intake import read
from hangar_devkit.history.journal import waiting
from hangar_devkit.history.records import BROKEN, Run
from hangar_devkit.history.results import ROW, Failure, Result
from hangar_devkit.history.storefile import StoreFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hangar_devkit.history.results import Row

_BROKEN = ",".join(map(str, sorted(BROKEN)))


class Store(StoreFile):
    """An open store, to which runs and their results are added."""

    def _forget(self) -> None:
        self._tests: dict[str, int] = {}
        self._newest_test = 0
        self._contents: dict[str, int] = {"": 0}

    def _take_in(self) -> None:
        for file in waiting(self.path):
            session = read(file)
            if session is None:
                continue
            run, results, over = session
            with self.transaction():
                self.add_run(run, results)
            if over:
                file.unlink(missing_ok=True)

    def add_run(self, run: Run, results: Sequence[Row | Result]) -> None:
        """Store a run and attempts of it, in a transaction; what is there stays as it is."""
        number = self._begin_run(run)
        self._add_results(number, results)
        self._finish_run(number, run.seconds)

    def number_of(self, uid: str) -> int:
        """Return the number, in this store, of a run that it has."""
        row = self.connection.execute("SELECT id FROM run WHERE uid=?", (uid,)).fetchone()
        return int(row[0])

    def _begin_run(self, run: Run) -> int:
        self.connection.execute(
            "INSERT OR IGNORE INTO run (uid, started, seconds, revision, branch, dirty, on_default,"
            " platform, python, job, person, source, zone, seed)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                run.uid,
                run.started,
                run.seconds,
                run.commit,
                run.branch,
                run.dirty,
                run.on_default,
                run.platform,
                run.python,
                run.job,
                run.person,
                run.source,
                run.zone,
                run.seed,
            ),
        )
        return self.number_of(run.uid)

    def _add_results(self, run: int, results: Sequence[Row | Result]) -> None:
        rows = [result[:ROW] for result in results]
        self._learn(rows)
        tests, contents = self._tests, self._contents
        self.connection.executemany(
            "INSERT OR IGNORE INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    run,
                    tests[nodeid],
                    attempt,
                    outcome,
                    milliseconds,
                    contents[key],
                    position,
                    _worker_number(worker) if worker else 0,
                )
                for nodeid, attempt, outcome, milliseconds, key, position, worker, _ in rows
            ],
        )
        for result in results:
            if isinstance(result, Result):
                for failure in result.failures:
                    self._add_failure(run, result, failure)

    def _learn(self, rows: Sequence[Row]) -> None:
        """Learn the numbers of the rows' tests and content keys; new ones are added.

        What was read once is kept, and read again when another session may have added to it: none
        can during the transaction that this is part of.
        """
        tests = self._tests
        if not all(row[0] in tests for row in rows):
            self._read_tests()
            new = {row[0]: row[-1] for row in rows if row[0] not in tests}
            numbers = range(self._newest_test + 1, self._newest_test + 1 + len(new))
            self.connection.executemany(
                "INSERT INTO test (id, nodeid, subtest) VALUES (?, ?, ?)",
                zip(numbers, new, new.values(), strict=True),
            )
            tests.update(zip(new, numbers, strict=True))
            self._newest_test += len(new)
        for key in {row[4] for row in rows}.difference(self._contents):
            self.connection.execute("INSERT OR IGNORE INTO content (key) VALUES (?)", (key,))
            row = self.connection.execute("SELECT id FROM content WHERE key=?", (key,)).fetchone()
            self._contents[key] = int(row[0])

    def _read_tests(self) -> None:
        rows = self.connection.execute(
            "SELECT nodeid, id FROM test WHERE id > ? ORDER BY id", (self._newest_test,)
        ).fetchall()
        if rows:
            self._tests.update(rows)
            self._newest_test = rows[-1][1]

    def _add_failure(self, run: int, result: Result, failure: Failure) -> None:
        frames = json.dumps(failure.frames, ensure_ascii=False, separators=(",", ":"))
        evidence = self.connection.execute(
            "INSERT INTO evidence (digest, exception, message, frames, trace) VALUES (?,?,?,?,?)"
            " ON CONFLICT (digest) DO UPDATE SET frames=excluded.frames, trace=excluded.trace"
            " RETURNING id",
            (_digest(failure), failure.exception, failure.message, frames, failure.trace),
        ).fetchone()[0]
        self.connection.execute(
            "INSERT OR IGNORE INTO failure (run, test, attempt, phase, evidence, quarantined)"
            " SELECT ?, id, ?, ?, ?, ? FROM test WHERE nodeid=?",
            (run, result.attempt, failure.phase, evidence, result.quarantined, result.nodeid),
        )

    def _finish_run(self, run: int, seconds: float) -> None:
        """Store what is known only at a run's end: its duration and its totals."""
        # A test counts once, by its last attempt; only reruns, which are few, are looked at again.
        self.connection.execute(
            "UPDATE run SET seconds=?1,"
            " tests=(SELECT count(*) FROM result WHERE run=?2)"
            " - (SELECT count(*) FROM result r WHERE run=?2 AND attempt > 0 AND EXISTS"
            " (SELECT 1 FROM result WHERE run=?2 AND test=r.test AND attempt < r.attempt)),"
            f" broken=(SELECT count(*) FROM result r WHERE run=?2 AND outcome IN ({_BROKEN})"
            " AND NOT EXISTS"
            " (SELECT 1 FROM result WHERE run=?2 AND test=r.test AND attempt > r.attempt))"
            " WHERE id=?2",
            (seconds, run),
        )


def _worker_number(name: str) -> int:
    digits = name.removeprefix("gw")
    return int(digits) + 1 if digits.isdigit() else 0


def _digest(failure: Failure) -> str:
    from hangar_devkit.history.masks import mask_noise

    frames = [(frame.path, frame.function, frame.source) for frame in failure.frames]
    facts = repr((failure.exception, mask_noise(failure.message), frames))
    return hashlib.sha256(facts.encode(errors="surrogatepass")).hexdigest()[:20]
