"""The store: every recorded run, in one SQLite file."""

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from hangar_devkit.history.records import BROKEN, Run
from hangar_devkit.history.results import ROW, Failure, Result, Row
from hangar_devkit.history.store import file
from hangar_devkit.history.store.file import StoreError
from hangar_devkit.history.store.ingest import read
from hangar_devkit.history.store.journal import pending, set_failures
from hangar_devkit.history.store.marker import MARKER, Dead
from hangar_devkit.history.store.schema import RUN_COLUMNS
from hangar_devkit.history.system import SYSTEM

_BROKEN = ",".join(map(str, sorted(BROKEN)))
_RUN_VALUES = ",".join("?" * len(Run._fields))


class Store:
    """An open store. `Store.open` is for writing, `Store.read` for reading.

    Attributes:
        path: Path of the file.
        connection: A connection to the file, or to a copy of it in memory.
        notice: A message for the user when a damaged file was moved aside, else "".
        died: A message for each session that died and that this store ingested.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection
        self.notice = ""
        self.died: list[str] = []
        self._numbers = _Numbers(connection)

    @classmethod
    def open(cls, path: Path, *, create: bool = True) -> Self:
        """Open a store for writing, and ingest the pending journals.

        Args:
            path: The SQLite file; its directory is created too, with a `.gitignore` of its own.
            create: Whether to create a missing file.

        Raises:
            StoreError: There is no file, it cannot be opened, or a newer version wrote it.
        """
        if not create:
            _require(path)
        notice = ""
        try:
            try:
                store = cls._opened(path)
            except sqlite3.DatabaseError as error:
                if not file.is_damage(error):
                    raise
                notice = file.move_aside(path)
                store = cls._opened(path)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"cannot open the test history {path}: {error}") from error
        store.notice = notice
        return store

    @classmethod
    def _opened(cls, path: Path) -> Self:
        store = cls(path, file.connect(path))
        try:
            store._ingest()
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return a copy of a store in memory, with the pending sessions.

        No file is written and no lock is held afterwards.

        Raises:
            StoreError: There is no store, it cannot be read, or a newer version wrote it.
        """
        _require(path)
        # Before the copy: what another process ingests in between is in both, and stored once.
        sessions = [session for journal in pending(path) if (session := read(journal))]
        try:
            store = cls(path, file.copy_of(path))
        except (OSError, sqlite3.Error) as error:
            hint = ""
            if isinstance(error, sqlite3.Error) and file.is_damage(error):
                hint = "; the next run with a failure moves it aside"
            message = f"cannot read the test history {path}: {error}{hint}"
            raise StoreError(message) from error
        with store.transaction():
            for session in sessions:
                store.add_run(session.run, session.results)
        return store

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Close the store."""
        self.connection.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run statements that take effect together or not at all."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            self._numbers = _Numbers(connection)
            raise
        connection.execute("COMMIT")

    def _ingest(self) -> None:
        for journal in pending(self.path):
            session = read(journal)
            if session is None:
                continue
            with self.transaction():
                self.add_run(session.run, session.results)
            if session.dead:
                set_failures(self.path, present=True)
                self.died.append(_describe_death(session.dead))
            if session.over:
                journal.unlink(missing_ok=True)
                journal.with_suffix(MARKER).unlink(missing_ok=True)

    def add_run(self, run: Run, results: Sequence[Row | Result]) -> None:
        """Store a run and attempts of it, in a transaction; stored attempts do not change."""
        self.connection.execute(
            f"INSERT OR IGNORE INTO run ({RUN_COLUMNS}) VALUES ({_RUN_VALUES})", run
        )
        number = self.number_of(run.uid)
        self._add_results(number, results)
        self._finish_run(number, run.seconds)

    def number_of(self, uid: str) -> int:
        """Return the number, in this store, of a stored run."""
        row = self.connection.execute("SELECT id FROM run WHERE uid=?", (uid,)).fetchone()
        return int(row[0])

    def _add_results(self, run: int, results: Sequence[Row | Result]) -> None:
        rows = [result[:ROW] for result in results]
        tests = self._numbers.of_tests(rows)
        contents = self._numbers.of_contents(rows)
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

    def _add_failure(self, run: int, result: Result, failure: Failure) -> None:
        frames = json.dumps(failure.frames, ensure_ascii=False, separators=(",", ":"))
        evidence = self.connection.execute(
            "INSERT INTO evidence (digest, exception, message, frames, trace) VALUES (?,?,?,?,?)"
            " ON CONFLICT (digest) DO UPDATE SET message=excluded.message,"
            " frames=excluded.frames, trace=excluded.trace"
            " RETURNING id",
            (_digest(failure), failure.exception, failure.message, frames, failure.trace),
        ).fetchone()[0]
        self.connection.execute(
            "INSERT OR IGNORE INTO failure (run, test, attempt, phase, evidence, quarantined)"
            " SELECT ?, id, ?, ?, ?, ? FROM test WHERE nodeid=?",
            (run, result.attempt, failure.phase, evidence, result.quarantined, result.nodeid),
        )

    def _finish_run(self, run: int, seconds: float) -> None:
        """Store what is known only at the end of a run: its duration and its totals."""
        # A test counts once, by its last attempt; the subqueries visit only the few reruns.
        self.connection.execute(
            # Python 3.12.0 to 3.12.3 warn of numbered parameters, which some suites make an error.
            "UPDATE run SET seconds=:seconds,"
            " tests=(SELECT count(*) FROM result WHERE run=:run)"
            " - (SELECT count(*) FROM result r WHERE run=:run AND attempt > 0 AND EXISTS"
            " (SELECT 1 FROM result WHERE run=:run AND test=r.test AND attempt < r.attempt)),"
            f" broken=(SELECT count(*) FROM result r WHERE run=:run AND outcome IN ({_BROKEN})"
            " AND NOT EXISTS"
            " (SELECT 1 FROM result WHERE run=:run AND test=r.test AND attempt > r.attempt))"
            " WHERE id=:run",
            {"seconds": seconds, "run": run},
        )

    def prune(self, days: float, megabytes: float) -> int:
        """Delete runs older than `days`, and the oldest ones of a file above `megabytes`.

        The age of a run is the time until the newest one, of which each pause between two runs
        counts at most a tenth of `days`: a clock that jumps deletes nothing.

        Returns:
            The number of deleted runs.
        """
        runs = self.connection.execute(
            "SELECT id, started FROM run ORDER BY started, id"
        ).fetchall()
        old = _count_old([started for _, started in runs], days * 86_400)
        if old:
            self._delete([number for number, _ in runs[:old]])
        limit = megabytes * 1_000_000
        if self._used_bytes() > limit:
            while len(runs) - old > 1 and self._used_bytes() > 0.9 * limit:
                more = -(-(len(runs) - old) // 10)
                self._delete([number for number, _ in runs[old : old + more]])
                old += more
        if old:
            self.connection.execute("VACUUM")
        return old

    def _used_bytes(self) -> int:
        pages, free, size = (
            self.connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def _delete(self, runs: Sequence[int]) -> None:
        numbers = [(run,) for run in runs]
        with self.transaction() as connection:
            for table in ("result", "failure"):
                connection.executemany(f"DELETE FROM {table} WHERE run=?", numbers)
            connection.executemany("DELETE FROM run WHERE id=?", numbers)
            connection.execute(
                "DELETE FROM evidence WHERE id NOT IN (SELECT evidence FROM failure)"
            )
            connection.execute("DELETE FROM content WHERE id NOT IN (SELECT content FROM result)")
            connection.execute(
                "DELETE FROM test WHERE id NOT IN (SELECT test FROM result)"
                " AND id NOT IN (SELECT test FROM failure)"
            )
        self._numbers = _Numbers(self.connection)


class _Numbers:
    """The numbers that the store gave to tests and content keys.

    What was read once is reused, and read again when another session may have added to it: none
    can during the transaction that uses it.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._tests: dict[str, int] = {}
        self._newest_test = 0
        self._contents: dict[str, int] = {"": 0}

    def of_tests(self, rows: Sequence[Row]) -> dict[str, int]:
        """Return the numbers of the rows' tests, and maybe others; new tests are added."""
        tests = self._tests
        if not all(row[0] in tests for row in rows):
            self._read_tests()
            new = {row[0]: row[-1] for row in rows if row[0] not in tests}
            numbers = range(self._newest_test + 1, self._newest_test + 1 + len(new))
            self._connection.executemany(
                "INSERT INTO test (id, nodeid, subtest) VALUES (?, ?, ?)",
                zip(numbers, new, new.values(), strict=True),
            )
            tests.update(zip(new, numbers, strict=True))
            self._newest_test += len(new)
        return tests

    def _read_tests(self) -> None:
        rows = self._connection.execute(
            "SELECT nodeid, id FROM test WHERE id > ? ORDER BY id", (self._newest_test,)
        ).fetchall()
        if rows:
            self._tests.update(rows)
            self._newest_test = rows[-1][1]

    def of_contents(self, rows: Sequence[Row]) -> dict[str, int]:
        """Return the numbers of the rows' content keys, and maybe others; new keys are added."""
        query = self._connection.execute
        for key in {row[4] for row in rows}.difference(self._contents):
            query("INSERT OR IGNORE INTO content (key) VALUES (?)", (key,))
            row = query("SELECT id FROM content WHERE key=?", (key,)).fetchone()
            self._contents[key] = int(row[0])
        return self._contents


def tests_of_file(path: str) -> tuple[str, str]:
    """Return the texts between which the node ids of a file's tests are: `;` follows `:`."""
    return f"{path}::", f"{path}:;"


def _count_old(started: Sequence[float], period: float) -> int:
    """Return how many of the runs, oldest first, are older than a period."""
    age = 0.0
    for index in range(len(started) - 2, -1, -1):
        age += min(started[index + 1] - started[index], period / 10)
        if age > period:
            return index + 1
    return 0


def _describe_death(dead: Dead) -> str:
    began = SYSTEM.strftime("%Y-%m-%d %H:%M", SYSTEM.localtime(dead.run.started))
    during = f"while {dead.nodeid} ran" if dead.nodeid else "while no test ran"
    return f"the session of {began} died {during}"


def _require(path: Path) -> None:
    if not path.is_file() and not pending(path):
        message = f"no test history at {path}: run the tests once with the history plugin"
        raise StoreError(message)


def _worker_number(name: str) -> int:
    digits = name.removeprefix("gw")
    return int(digits) + 1 if digits.isdigit() else 0


def _digest(failure: Failure) -> str:
    from hangar_devkit.history.masks import mask_noise  # compiles patterns; failures are rare

    frames = [(frame.path, frame.function, frame.source) for frame in failure.frames]
    facts = repr((failure.exception, mask_noise(failure.message), frames))
    return hashlib.sha256(facts.encode(errors="surrogatepass")).hexdigest()[:20]
