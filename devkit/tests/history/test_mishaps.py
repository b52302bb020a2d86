"""What goes wrong around a session loses little, and never changes the session's outcome."""

import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hangar_devkit.history.records import FAILED, PASSED
from hangar_devkit.history.store import file as store_file
from hangar_devkit.history.store.journal import pending
from hangar_devkit.history.store.store import Store

from .suite import FAILING, RECORDER, TRIVIAL, XDIST, Suite

MANY = """
    import pytest
    @pytest.mark.parametrize("i", range(1000))
    def test_it(i): pass
"""


def test_a_killed_session_loses_at_most_a_batch(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
        import os, signal, pytest
        @pytest.mark.parametrize("i", range(1000))
        def test_it(i):
            if i == 550:
                os.kill(os.getpid(), signal.SIGKILL)
        """,
    )
    suite.run()
    ((count,),) = suite.query("SELECT count(*) FROM result")
    assert isinstance(count, int)
    assert 450 <= count <= 550


def test_a_slow_suite_is_written_each_second(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
        import os, signal, time
        def test_first(): time.sleep(1.1)
        def test_last(): os.kill(os.getpid(), signal.SIGKILL)
        """,
    )
    suite.run()
    assert suite.outcomes()[0] == ("test_first", 0, PASSED)


def test_a_place_that_cannot_be_written_is_one_line(suite: Suite) -> None:
    suite.write("test_it.py", TRIVIAL)
    suite.write("file", "")
    suite.environment["DEVKIT_HISTORY_STORE"] = str(suite.root / "file/history.sqlite")
    lines = [line for line in suite.run().stdout.splitlines() if line.startswith("history:")]
    assert [line.partition(":")[2][:38] for line in lines] == [
        " the rest of this run was not recorded"
    ]


def test_a_place_that_cannot_be_written_does_not_fail_the_run(suite: Suite) -> None:
    suite.write("test_it.py", TRIVIAL)
    suite.write("file", "")
    suite.environment["DEVKIT_HISTORY_STORE"] = str(suite.root / "file/history.sqlite")
    assert suite.run().returncode == pytest.ExitCode.OK


@pytest.fixture
def small(suite: Suite) -> Iterator[Path]:
    """A file system of 75 pages, on which the suite keeps its history."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount: run it in the container")
    place = suite.root / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine forbids to mount: run it where CAP_SYS_ADMIN is granted")
    suite.environment["DEVKIT_HISTORY_STORE"] = str(place / "history.sqlite")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def forbid_writing(place: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)


def notes(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the lines that the recorder printed after a session."""
    return [line for line in done.stdout.splitlines() if line.startswith("history:")]


def test_a_disk_that_is_full_from_the_start_does_not_fail_the_run(
    suite: Suite, small: Path
) -> None:
    suite.write("test_it.py", TRIVIAL)
    (small / "filler").write_bytes(bytes(307_200))
    assert suite.run().returncode == pytest.ExitCode.OK


def test_a_disk_that_fills_on_the_way_does_not_fail_the_run(suite: Suite, small: Path) -> None:
    suite.write("test_it.py", MANY)
    (small / "filler").write_bytes(bytes(299_000))
    assert suite.run().returncode == pytest.ExitCode.OK


def test_a_disk_that_fills_on_the_way_is_one_line(suite: Suite, small: Path) -> None:
    suite.write("test_it.py", MANY)
    (small / "filler").write_bytes(bytes(299_000))
    assert notes(suite.run()) == [
        "history: the rest of this run was not recorded: [Errno 28] No space left on device"
    ]


def test_a_disk_that_fills_on_the_way_keeps_what_was_written(suite: Suite, small: Path) -> None:
    suite.write("test_it.py", MANY)
    (small / "filler").write_bytes(bytes(299_000))
    suite.run()
    (small / "filler").unlink()
    with Store.open(small / "history.sqlite", create=False) as store:
        (kept,) = store.connection.execute("SELECT count(*) FROM result").fetchone()
    assert 0 < kept < 1000


def test_a_store_that_is_read_only_does_not_fail_the_run(suite: Suite, small: Path) -> None:
    suite.write("test_it.py", TRIVIAL)
    suite.run()
    forbid_writing(small)
    assert suite.run().returncode == pytest.ExitCode.OK


def test_a_store_that_is_read_only_is_one_line(suite: Suite, small: Path) -> None:
    suite.write("test_it.py", TRIVIAL)
    suite.run()
    forbid_writing(small)
    (line,) = notes(suite.run())
    assert line.startswith("history: the rest of this run was not recorded: ")


def damage(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"no database" * 1000)
    return path.read_bytes()


def test_a_damaged_store_is_moved_aside(suite: Suite) -> None:
    suite.write("test_it.py", FAILING)
    damaged = damage(suite.path)
    suite.run()
    (moved,) = suite.path.parent.glob("*.damaged-*")
    assert moved.read_bytes() == damaged


def test_a_damaged_store_is_reported(suite: Suite) -> None:
    suite.write("test_it.py", FAILING)
    damage(suite.path)
    assert notes(suite.run())[-1].startswith("history: the store was damaged and is now history.")


@pytest.mark.parametrize(("text", "outcome"), [(TRIVIAL, PASSED), (FAILING, FAILED)])
def test_a_damaged_store_does_not_lose_the_run(suite: Suite, text: str, outcome: int) -> None:
    suite.write("test_it.py", text)
    damage(suite.path)
    suite.run()
    assert suite.outcomes() == [("test_it", 0, outcome)]


def test_damage_that_shows_late_does_not_lose_the_run(suite: Suite) -> None:
    suite.write("test_it.py", FAILING)
    suite.run()
    with suite.path.open("r+b") as file:
        file.seek(4096)  # the first page, which says that this is a database, stays
        file.write(b"x" * (suite.path.stat().st_size - 4096))
    suite.run()
    assert suite.outcomes() == [("test_it", 0, FAILED)]


def test_a_store_damaged_on_the_way_keeps_every_result(suite: Suite) -> None:
    suite.write("test_it.py", FAILING)
    suite.run()
    suite.write(
        "test_it.py",
        """
        import pytest
        from pathlib import Path
        @pytest.mark.parametrize("i", range(250))
        def test_it(i):
            if i == 150:
                store = Path(".cache/history/history.sqlite")
                store.write_bytes(b"x" * len(store.read_bytes()))
        """,
    )
    suite.run()
    assert suite.query("SELECT count(*) FROM result") == [(250,)]


@pytest.fixture
def locked(suite: Suite) -> Iterator[sqlite3.Connection]:
    """Another process that holds the store of a suite whose test fails."""
    suite.write("test_it.py", FAILING)
    suite.run()
    holder = sqlite3.connect(suite.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    yield holder
    holder.close()


def test_a_locked_store_is_written_later(suite: Suite, locked: sqlite3.Connection) -> None:
    session = subprocess.Popen(
        suite.command(*RECORDER), cwd=suite.root, env=suite.settings(), stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while not pending(suite.path) and time.monotonic() < deadline:
        time.sleep(0.05)
    locked.execute("ROLLBACK")
    session.wait(timeout=60)
    assert suite.query("SELECT count(*) FROM run") == [(2,)]


@pytest.mark.usefixtures("locked")
def test_a_store_that_stays_locked_is_one_line(suite: Suite) -> None:
    (line,) = notes(suite.run())
    assert line.startswith("history: this run was recorded, but not analysed: cannot open the")


def test_a_store_that_stays_locked_loses_no_run(suite: Suite, locked: sqlite3.Connection) -> None:
    suite.run()
    locked.execute("ROLLBACK")
    assert suite.query("SELECT count(*) FROM run") == [(2,)]


def test_an_interrupted_session_is_kept(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
        import os, signal, time
        def test_first(): pass
        def test_stop():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)
        """,
    )
    suite.run()
    assert suite.outcomes() == [("test_first", 0, PASSED)]


@pytest.mark.parametrize(
    ("mount", "network"),
    [
        ("{root} rw - nfs4 server:/home rw", True),
        ("{root} rw - cifs //server/share rw", True),
        ("{root} rw - 9p host rw", True),
        ("{root} rw - ext4 /dev/sda1 rw", False),
        ("{root}/elsewhere rw - nfs4 server:/home rw", False),
        ("{root}-too rw - nfs4 server:/home rw", False),
    ],
)
def test_a_network_file_system_is_known(tmp_path: Path, mount: str, *, network: bool) -> None:
    mounts = tmp_path / "mountinfo"
    lines = ["22 1 8:1 / / rw - ext4 /dev/sda1 rw", f"30 22 0:5 / {mount.format(root=tmp_path)}"]
    mounts.write_text("\n".join(lines), encoding="utf-8")
    assert store_file.on_network(tmp_path / "history.sqlite", mounts) is network


@pytest.mark.parametrize(("network", "mode"), [(True, "delete"), (False, "wal")])
def test_a_store_on_a_network_file_system_has_no_wal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, *, network: bool
) -> None:
    monkeypatch.setattr(store_file, "on_network", lambda _: network)
    with Store.open(tmp_path / "history.sqlite") as store:
        assert store.connection.execute("PRAGMA journal_mode").fetchone() == (mode,)


def test_a_dead_worker_loses_no_other_test(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
        import os, pytest
        @pytest.mark.parametrize("i", range(40))
        def test_it(i):
            if i == 20:
                os._exit(9)
        """,
    )
    suite.run(*XDIST, "-n", "2")
    assert suite.query("SELECT count(DISTINCT test), count(*) FROM result") == [(40, 40)]


@pytest.mark.parametrize("way", [(), (*XDIST, "-n", "2")], ids=["sequential", "two workers"])
def test_failing_teardowns_are_written_on_the_way(suite: Suite, way: tuple[str, ...]) -> None:
    suite.write(
        "test_it.py",
        """
        import os, pytest, signal
        @pytest.fixture(autouse=True)
        def broken():
            yield
            raise RuntimeError
        @pytest.mark.parametrize("i", range(300))
        def test_it(i, request):
            if i == 290:
                controller = os.getppid() if hasattr(request.config, "workerinput") else os.getpid()
                os.kill(controller, signal.SIGKILL)
        """,
    )
    suite.run(*way, "--tb=no")
    ((kept,),) = suite.query("SELECT count(*) >= 180 FROM result")
    assert kept


DYING = """
    import os, pytest, signal
    def test_before(): pass
    def test_dying(): os.kill(os.getpid(), signal.SIGKILL)
    def test_after(): pass
"""


@pytest.fixture
def died(suite: Suite) -> Suite:
    """A suite whose last session was killed."""
    suite.write("test_it.py", DYING)
    suite.run()
    return suite


def test_the_test_in_flight_of_a_session_that_died_is_recorded(died: Suite) -> None:
    assert [(f["nodeid"], f["phase"], f["exception"]) for f in died.exported()] == [
        ("test_it.py::test_dying", "crash", "SessionDied")
    ]


def test_the_next_session_reports_a_session_that_died(died: Suite) -> None:
    died.write("test_it.py", TRIVIAL)
    (line,) = [line for line in notes(died.run()) if "died" in line]
    assert line.endswith("died while test_it.py::test_dying ran")


def test_a_session_that_died_is_reported_once(died: Suite) -> None:
    died.write("test_it.py", TRIVIAL)
    died.run()
    assert not [line for line in notes(died.run()) if "session of" in line]


def test_a_session_that_died_between_tests_accuses_none(suite: Suite) -> None:
    suite.write("test_it.py", TRIVIAL)
    suite.write(
        "conftest.py",
        """
        import os, pytest, signal
        @pytest.hookimpl(tryfirst=True)
        def pytest_sessionfinish(): os.kill(os.getpid(), signal.SIGKILL)
        """,
    )
    suite.run()
    assert suite.exported() == []


def test_a_session_that_runs_is_not_dead(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
        import subprocess, sys
        def test_it():
            code = "from hangar_devkit.history.cli import main; main(['export'])"
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
            assert "no test history" in done.stderr
        """,
    )
    assert suite.run().returncode == pytest.ExitCode.OK


def test_a_session_that_ends_leaves_no_marker(suite: Suite) -> None:
    suite.write("test_it.py", TRIVIAL)
    suite.run()
    assert not [*suite.path.parent.rglob("*.running")]


def test_a_child_that_goes_on_writes_nothing(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
        import os
        def test_fork():
            if os.fork() == 0:
                raise SystemExit(0)
            os.wait()
        def test_after(): pass
        """,
    )
    suite.run()
    assert suite.outcomes() == [("test_after", 0, PASSED), ("test_fork", 0, PASSED)]
