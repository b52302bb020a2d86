"""The store: every run of a project's tests in one SQLite file."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from devkit.history.records import BROKEN, Failure, Result, Run
from devkit.history.schema import SCHEMA, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_NETWORK_TYPES = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "lustre",
    "glusterfs", "fuse.glusterfs", "gpfs", "virtiofs", "vboxsf", "davfs",
})  # fmt: skip
_BUSY_SECONDS = 5.0


class StoreError(Exception):
    """The store cannot be used; the message says why and what to do."""


class Store:
    """An open store.

    Args:
        path: The SQLite file; its directory is made, with a `.gitignore` of its own.
        create: Whether a missing file is made.

    Raises:
        StoreError: When the file cannot be opened, or a newer version wrote it.

    Attributes:
        moved: Where a damaged file was moved to, None when the file was sound.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self.path = path
        self.moved: Path | None = None
        self._tests: dict[str, int] = {}
        if not create and not path.is_file():
            message = f"no test history at {path}: run the tests once with the history plugin"
            raise StoreError(message)
        try:
            self._prepare_directory()
            try:
                self.connection = self._open()
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self.move_aside()
                self.connection = self._open()
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"cannot open the test history {path}: {error}") from error

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def _prepare_directory(self) -> None:
        directory = self.path.parent
        if not directory.is_dir():
            directory.mkdir(parents=True)
            (directory / ".gitignore").write_text("# Test history, kept on each machine.\n*\n")

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            mode = "DELETE" if on_network(self.path) else "WAL"
            try:
                connection.execute(f"PRAGMA journal_mode={mode}")
                connection.execute("PRAGMA synchronous=NORMAL")
                self._migrate(connection)
            except sqlite3.OperationalError as error:
                if mode == "DELETE" or "locking protocol" not in str(error):
                    raise
                connection.execute("PRAGMA journal_mode=DELETE")
                self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            message = (
                f"the test history {self.path} was written by a newer version: "
                "update the tools, or move the file away"
            )
            raise StoreError(message)
        if version < VERSION:
            connection.execute("BEGIN IMMEDIATE")
            if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                for statement in SCHEMA.split(";\n"):
                    if statement.strip():
                        connection.execute(statement)
                connection.execute(f"PRAGMA user_version={VERSION}")
            connection.execute("COMMIT")

    def move_aside(self) -> Path:
        """Move a damaged file, with its journals, out of the way and return its new place."""
        target = self.path.with_name(f"{self.path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
        for suffix in ("", "-wal", "-shm", "-journal"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self.path}{suffix}").rename(f"{target}{suffix}")
        self.moved = target
        return target

    def restart(self) -> None:
        """Move the damaged file aside and go on with a new one."""
        with contextlib.suppress(sqlite3.Error):
            self.connection.close()
        self.move_aside()
        self._tests.clear()
        self.connection = self._open()

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
            self._tests.clear()  # some of them may have been taken back
            raise
        connection.execute("COMMIT")

    def begin_run(self, run: Run) -> int:
        """Store a run, unless it is there already, and return its number in this store."""
        self.connection.execute(
            "INSERT OR IGNORE INTO run (uid, started, seconds, revision, branch, dirty, on_default,"
            " platform, python, job, person, source) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
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
            ),
        )
        row = self.connection.execute("SELECT id FROM run WHERE uid=?", (run.uid,)).fetchone()
        return int(row[0])

    def add_results(self, run: int, results: Sequence[Result]) -> None:
        """Store attempts of a run; those that are there already stay as they are."""
        connection = self.connection
        tests = self._test_numbers(results)
        contents = {key: self._content(key) for key in {result.content for result in results}}
        connection.executemany(
            "INSERT OR IGNORE INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    run,
                    tests[r.nodeid],
                    r.attempt,
                    r.outcome,
                    r.milliseconds,
                    contents[r.content],
                    r.position,
                    _worker_number(r.worker) if r.worker else 0,
                )
                for r in results
            ],
        )
        for result in results:
            for failure in result.failures:
                self._add_failure(run, result, failure)

    def _test_numbers(self, results: Sequence[Result]) -> dict[str, int]:
        """Return the number of each test in this store; tests that it does not know are added.

        What was read once is kept, and read again when another session has added to it.
        """
        tests = self._tests
        if any(result.nodeid not in tests for result in results):
            self._read_tests()
            new = {r.nodeid: r.subtest for r in results if r.nodeid not in tests}
            if new:
                self.connection.executemany(
                    "INSERT OR IGNORE INTO test (nodeid, subtest) VALUES (?, ?)", new.items()
                )
                self._read_tests()
        return tests

    def _read_tests(self) -> None:
        newest = max(self._tests.values(), default=0)
        self._tests.update(
            self.connection.execute("SELECT nodeid, id FROM test WHERE id > ?", (newest,))
        )

    def _content(self, key: str) -> int:
        if not key:
            return 0
        self.connection.execute("INSERT OR IGNORE INTO content (key) VALUES (?)", (key,))
        row = self.connection.execute("SELECT id FROM content WHERE key=?", (key,)).fetchone()
        return int(row[0])

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

    def finish_run(self, run: int, seconds: float) -> None:
        """Store what is known only at a run's end: its duration and its totals."""
        broken = ",".join(map(str, BROKEN))
        self.connection.execute(
            "UPDATE run SET seconds=?,"
            " tests=(SELECT count(DISTINCT test) FROM result WHERE run=:run),"
            f" broken=(SELECT count(*) FROM result WHERE run=:run AND outcome IN ({broken})"
            "  AND NOT EXISTS (SELECT 1 FROM result later WHERE later.run=result.run"
            "  AND later.test=result.test AND later.attempt>result.attempt))"
            " WHERE id=:run".replace(":run", "?2").replace("seconds=?", "seconds=?1"),
            (seconds, run),
        )

    def has_news(self) -> bool:
        """Tell whether the latest run has failures, or may have ended those of earlier runs."""
        row = self.connection.execute(
            "SELECT (SELECT broken FROM run ORDER BY id DESC LIMIT 1)"
            " OR EXISTS (SELECT 1 FROM queue)"
            " OR EXISTS (SELECT 1 FROM failure WHERE run=(SELECT max(id) FROM run))"
        ).fetchone()
        return bool(row[0])

    def prune(self, days: float, megabytes: float) -> int:
        """Forget runs older than `days`, and the oldest tenth of a file above `megabytes`.

        Returns:
            How many runs were forgotten.
        """
        limit = time.time() - days * 86_400
        doomed = [
            row[0]
            for row in self.connection.execute("SELECT id FROM run WHERE started < ?", (limit,))
        ]
        if self.path.stat().st_size > megabytes * 1_000_000:
            count = self.connection.execute("SELECT count(*) FROM run").fetchone()[0]
            doomed += [
                row[0]
                for row in self.connection.execute(
                    "SELECT id FROM run ORDER BY started LIMIT ?", (count // 10,)
                )
            ]
        if doomed:
            self._forget(set(doomed))
        return len(set(doomed))

    def _forget(self, runs: Iterable[int]) -> None:
        numbers = [(run,) for run in runs]
        with self.transaction() as connection:
            for table in ("result", "failure"):
                connection.executemany(f"DELETE FROM {table} WHERE run=?", numbers)
            connection.executemany("DELETE FROM run WHERE id=?", numbers)
            connection.execute(
                "DELETE FROM evidence WHERE id NOT IN (SELECT evidence FROM failure)"
            )
        self.connection.execute("VACUUM")


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether an error means that the file itself is damaged."""
    return error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def on_network(path: Path, mounts: Path = Path("/proc/self/mounts")) -> bool:
    """Tell whether a path lies on a network file system, where WAL does not work."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    place = str(path.absolute())
    best, kind = "", ""
    for line in lines:
        fields = line.split(" ")
        if len(fields) > 2:
            point = fields[1].replace("\\040", " ").rstrip("/")
            if (place == point or place.startswith(f"{point}/")) and len(point) >= len(best):
                best, kind = point, fields[2]
    return kind in _NETWORK_TYPES


def _worker_number(name: str) -> int:
    digits = name.removeprefix("gw")
    return int(digits) + 1 if digits.isdigit() else 0


def _digest(failure: Failure) -> str:
    from devkit.history.masks import mask_noise

    frames = [(frame.path, frame.function, frame.source) for frame in failure.frames]
    facts = repr((failure.exception, mask_noise(failure.message), frames))
    return hashlib.sha256(facts.encode(errors="surrogatepass")).hexdigest()[:20]
