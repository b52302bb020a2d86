"""A store of an older version opens with its data; readers neither write nor wait."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from hangar_devkit.history import cli
from hangar_devkit.history.analysis.findings import examine
from hangar_devkit.history.records import Group, Run
from hangar_devkit.history.results import Result
from hangar_devkit.history.store.file import StoreError
from hangar_devkit.history.store.journal import Journal, has_failures, pending, set_failures
from hangar_devkit.history.store.store import Store

DATA = Path(__file__).parent / "data/store-2.sql"
PENDING = (
    '[1, true, ["pending", 2e9, "", "", false, true, "", "", "", "", "pytest", 1.0, "+0000", ""],'
    ' [["test_a.py", "key", "", ["test_a", 7]]]]\n'
)
PASSED: Group = ("a.py", "key", "", ["test_a", 7])
TABLES = "SELECT name FROM sqlite_schema WHERE type='table' ORDER BY name"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store of version 2, with a pending session and the marker of a failure."""
    path = tmp_path / "history.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(DATA.read_text(encoding="utf-8"))
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA user_version=2")
    connection.close()
    waiting = tmp_path / "history.sqlite.waiting"
    waiting.mkdir()
    (waiting / "2000000000.000-pending.jsonl").write_text(PENDING, encoding="utf-8")
    (tmp_path / "history.sqlite.news").touch()
    return path


def columns(connection: sqlite3.Connection) -> dict[str, set[str]]:
    """Return the columns of each table."""
    tables = [name for (name,) in connection.execute(TABLES)]
    return {
        table: {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        for table in tables
    }


def test_an_old_store_keeps_its_runs(old: Path) -> None:
    with Store.open(old) as store:
        assert store.connection.execute("SELECT count(*) FROM run WHERE id < 5").fetchone() == (4,)


def test_an_old_store_keeps_its_commits(old: Path) -> None:
    with Store.open(old) as store:
        (commit,) = store.connection.execute('SELECT "commit" FROM run WHERE id=1').fetchone()
    assert commit == "8cba9710eb219a858048bbf051d83760e6c84d0a"


def test_an_old_store_keeps_the_names_of_its_classes(old: Path) -> None:
    with Store.open(old) as store:
        assert set(examine(store).classes) == {"E-5455f35b", "E-adacc5d8"}


def test_an_old_store_keeps_its_flaky_test(old: Path) -> None:
    with Store.open(old) as store:
        assert examine(store).verdicts["test_shop.py::test_four"].verdict == "flaky"


def test_an_old_store_gets_the_columns_of_a_new_one(old: Path, tmp_path: Path) -> None:
    with Store.open(old) as store, Store.open(tmp_path / "new.sqlite") as new:
        assert columns(store.connection) == columns(new.connection)


def test_a_session_that_an_old_version_recorded_is_ingested(old: Path) -> None:
    with Store.open(old) as store:
        assert store.number_of("pending") == 5


def test_an_ingested_session_of_an_old_version_is_deleted(old: Path) -> None:
    Store.open(old).close()
    assert pending(old) == []


def test_the_marker_of_an_old_version_is_read(old: Path) -> None:
    assert has_failures(old)


def test_the_marker_of_an_old_version_is_deleted(old: Path) -> None:
    set_failures(old, present=False)
    assert not has_failures(old)


def test_the_columns_of_a_run_are_its_fields(tmp_path: Path) -> None:
    with Store.open(tmp_path / "new.sqlite") as store:
        assert columns(store.connection)["run"] == {"id", "tests", "broken", *Run._fields}


def test_a_reader_does_not_change_the_file(old: Path) -> None:
    before = old.read_bytes()
    Store.read(old).close()
    assert old.read_bytes() == before


def test_a_reader_does_not_ingest(old: Path) -> None:
    before = pending(old)
    Store.read(old).close()
    assert pending(old) == before


def test_a_reader_sees_pending_sessions(old: Path) -> None:
    with Store.read(old) as store:
        assert store.number_of("pending") == 5


def test_a_reader_needs_no_file_when_a_session_is_pending(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    Journal(path, Run("only", 1e9)).append([PASSED], over=True)
    with Store.read(path) as store:
        assert store.number_of("only") == 1


def test_a_reader_creates_no_file(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    Journal(path, Run("only", 1e9)).append([PASSED], over=True)
    Store.read(path).close()
    assert not path.exists()


def test_a_reader_leaves_a_damaged_store_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    path.write_bytes(b"no database" * 1000)
    with suppress(StoreError):
        Store.read(path)
    assert path.exists()


def test_a_reader_explains_a_damaged_store(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="the next run with a failure moves it aside"):
        Store.read(path)


def test_a_reader_refuses_a_newer_store(old: Path) -> None:
    with sqlite3.connect(old) as connection:
        connection.execute("PRAGMA user_version=99")
    with pytest.raises(StoreError, match="written by a newer version"):
        Store.read(old)


@pytest.fixture
def locked(old: Path) -> Iterator[Path]:
    """A store to which another process writes."""
    writer = sqlite3.connect(old, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    writer.execute("UPDATE run SET tests=0")
    yield old
    writer.close()


@pytest.mark.parametrize(
    "command",
    [
        ["show", "test_shop.py::test_one"],
        ["export"],
        ["export", "--all"],
        ["pages", "--html", "page.html"],
        ["quarantine", "check"],
    ],
    ids=" ".join,
)
def test_commands_read_a_locked_store(
    locked: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(locked.parent)
    assert cli.main(["--store", str(locked), *command]) == 0


def test_triage_reads_a_locked_store(locked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.triage_main(["--store", str(locked)])
    assert "E-5455f35b" in capsys.readouterr().out


DAY = 86_400.0


def filled(path: Path, *days: float) -> Store:
    """Return a store with a run, of one test, for each day."""
    store = Store.open(path)
    with store.transaction():
        for number, day in enumerate(days):
            result = Result(f"a.py::test_{number}", 0, 0, 7)
            store.add_run(Run(f"run {number}", day * DAY), [result])
    return store


def kept(store: Store) -> list[float]:
    """Return the days of the runs that are left, and close the store."""
    with store:
        rows = store.connection.execute("SELECT started FROM run ORDER BY started")
        return [started / DAY for (started,) in rows]


@pytest.mark.parametrize(
    ("days", "left"),
    [
        ((0, 50, 100, 150), (0, 50, 100, 150)),
        (range(0, 300, 10), range(110, 300, 10)),
        ((100, 101, 5000), (100, 101, 5000)),
        ((101, 102, 3, 103), (3, 101, 102, 103)),
        ((100, 9000, 101, 9001, 102), (100, 101, 102, 9000, 9001)),
        ((5,), (5,)),
    ],
    ids=["young", "old", "clock ahead", "clock behind", "clock that jumps", "alone"],
)
def test_only_runs_that_are_really_old_are_pruned(
    tmp_path: Path, days: Sequence[float], left: Sequence[float]
) -> None:
    store = filled(tmp_path / "history.sqlite", *days)
    store.prune(days=180, megabytes=256)
    assert kept(store) == list(left)


def test_a_pruned_test_is_forgotten(tmp_path: Path) -> None:
    with filled(tmp_path / "history.sqlite", *range(0, 300, 100)) as store:
        store.prune(days=15, megabytes=256)
        tests = store.connection.execute("SELECT nodeid FROM test").fetchall()
    assert tests == [("a.py::test_0",), ("a.py::test_1",), ("a.py::test_2",)]


def test_a_store_that_is_too_large_becomes_small_enough(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    with Store.open(path) as store:
        with store.transaction():
            for number in range(5):
                results = [Result(f"a.py::{n:0200}{number}", 0, 0, 7) for n in range(900)]
                store.add_run(Run(f"run {number}", number * DAY), results)
        store.prune(days=180, megabytes=1)
    assert path.stat().st_size < 1_000_000
