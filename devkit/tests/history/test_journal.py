"""A session writes its own journal, which is pending until somebody opens the store."""

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from hangar_devkit.history.records import FAILED, PASSED, Group, Run
from hangar_devkit.history.results import Result
from hangar_devkit.history.store.journal import Journal, pending
from hangar_devkit.history.store.store import Store

from .suite import FAILING, TRIVIAL, Suite

RUN = Run("0123456789abcdef", 1e9)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store is to be."""
    return tmp_path / "history.sqlite"


def passed(nodeid: str) -> Group:
    path, _, name = nodeid.partition("::")
    return path, "key", "gw1", [name, 7]


def write(path: Path, *nodeids: str, over: bool) -> Path:
    """Write a batch for each test, the last of which may be the end, and return the file."""
    journal = Journal(path, RUN)
    for nodeid in nodeids:
        journal.append([passed(nodeid)], over=over and nodeid == nodeids[-1])
    (file,) = pending(path)
    return file


def stored(path: Path) -> list[tuple[object, ...]]:
    with Store.open(path, create=False) as store:
        return store.connection.execute(
            "SELECT nodeid, attempt, outcome, milliseconds, key, position, worker FROM result r"
            " JOIN test ON test.id=r.test JOIN content ON content.id=r.content"
            " ORDER BY position"
        ).fetchall()


def names(path: Path) -> list[str]:
    with Store.open(path, create=False) as store:
        return [name for (name,) in store.connection.execute("SELECT nodeid FROM test ORDER BY id")]


def sessions(suite: Suite, *texts: str) -> list[Path]:
    """Run a session for each text of the only test file, and return the pending journals."""
    for text in texts:
        suite.write("test_it.py", text)
        suite.run()
    return pending(suite.path)


def test_a_session_that_passes_opens_no_store(suite: Suite) -> None:
    sessions(suite, TRIVIAL)
    assert not suite.path.exists()


@pytest.mark.parametrize(
    ("texts", "count"),
    [((FAILING,), 0), ((FAILING, TRIVIAL), 0), ((FAILING, *[TRIVIAL] * 4), 1)],
    ids=["it fails", "one before it failed", "what failed has left the queue"],
)
def test_a_session_is_pending_unless_something_failed_recently(
    suite: Suite, texts: tuple[str, ...], count: int
) -> None:
    assert len(sessions(suite, *texts)) == count


def test_many_pending_sessions_are_ingested(suite: Suite) -> None:
    for number in range(19):
        Journal(suite.path, Run(f"run {number}", 1e9 + number)).append([], over=True)
    assert not sessions(suite, TRIVIAL)


def test_a_large_pending_session_is_ingested(suite: Suite) -> None:
    group = ("a.py", "key", "", [part for n in range(5000) for part in (f"test_{n:0100}", 7)])
    Journal(suite.path, RUN).append([group], over=True)
    assert not sessions(suite, TRIVIAL)


def test_a_pending_session_is_stored_as_it_was_seen(path: Path) -> None:
    journal = Journal(path, RUN)
    journal.append([Result("a.py::one", 0, FAILED, 7, "key", worker="gw1", rerun=True)])
    journal.append([passed("a.py::two"), passed("a.py::one")], over=True)
    assert stored(path) == [
        ("a.py::one", 0, FAILED, 7, "key", 0, 2),
        ("a.py::two", 0, PASSED, 7, "key", 1, 2),
        ("a.py::one", 1, PASSED, 7, "key", 2, 2),
    ]


def test_a_masked_id_of_another_worker_is_another_item(path: Path) -> None:
    journal = Journal(path, RUN)
    nodeid = "a.py::one[password=***]"
    journal.append([Result(nodeid, 0, FAILED, 7, "key", worker="gw1", rerun=True)])
    journal.append([Result(nodeid, 0, PASSED, 7, "key", worker="gw2")])
    assert names(path) == [nodeid, f"{nodeid} @gw2"]


def test_a_second_result_without_a_rerun_is_another_item(path: Path) -> None:
    write(path, "a.py::one", "a.py::one", over=True)
    assert names(path) == ["a.py::one", "a.py::one #2"]


def test_what_was_stored_is_no_longer_pending(path: Path) -> None:
    write(path, "a.py::one", over=True)
    stored(path)
    assert not pending(path)


def test_a_session_under_way_is_read(path: Path) -> None:
    write(path, "a.py::one", over=False)
    assert len(stored(path)) == 1


def test_a_session_under_way_goes_on_pending(path: Path) -> None:
    file = write(path, "a.py::one", over=False)
    stored(path)
    assert pending(path) == [file]


def test_a_session_under_way_is_stored_once(path: Path) -> None:
    write(path, "a.py::one", over=False)
    stored(path)
    write(path, "a.py::two", over=True)
    assert len(stored(path)) == 2


@pytest.mark.parametrize(("hours", "left"), [(1, 1), (25, 0)])
def test_a_silent_session_of_another_container_is_over_after_a_day(
    path: Path, hours: int, left: int
) -> None:
    file = write(path, "a.py::one", over=False)
    marker = file.with_suffix(".running")
    header = json.dumps(("another container", 1, "1", RUN))
    marker.write_text(f"{header}\na.py::two\n", encoding="utf-8")
    silent_since = time.time() - 3600 * hours
    for each in (file, marker):
        os.utime(each, (silent_since, silent_since))
    names(path)
    assert len(pending(path)) == left


def test_a_session_that_died_long_ago_is_no_longer_pending(path: Path) -> None:
    file = write(path, "a.py::one", over=False)
    os.utime(file, (time.time() - 100_000,) * 2)
    stored(path)
    assert not pending(path)


def test_a_session_goes_on_when_the_cache_is_deleted(tmp_path: Path) -> None:
    path = tmp_path / "cache/history.sqlite"
    journal = Journal(path, RUN)
    journal.append([passed("a.py::one")])
    shutil.rmtree(path.parent)
    journal.append([passed("a.py::two")], over=True)
    assert [row[0] for row in stored(path)] == ["a.py::two"]


@pytest.mark.parametrize(
    "spoilt",
    [
        '[1, false, ["uid", 1',
        "\0\0\0",
        '{"no": "list"}',
        '[1, false, ["uid", 1], [["too short"]]]',
        '[1, false, ["uid", 1], [["a.py", "key", "", ["test", null]]]]',
        '[1, false, ["uid", 1], [["a.py", "key", "", ["test"]]]]',
        "5",
    ],
)
def test_a_line_that_cannot_be_read_costs_no_other(path: Path, spoilt: str) -> None:
    file = write(path, "a.py::one", "a.py::two", over=True)
    first, second = file.read_text().splitlines()
    file.write_text("\n".join([first, spoilt, second]))
    assert [row[0] for row in stored(path)] == ["a.py::one", "a.py::two"]


def test_a_file_of_a_newer_version_stays_for_it(path: Path) -> None:
    file = write(path, "a.py::one", over=True)
    version, *rest = json.loads(file.read_text())
    file.write_text(json.dumps([version + 1, *rest]))
    stored(path)
    assert pending(path) == [file]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Grüße 🛩", "Grüße 🛩"),
        ("next\x85line\u2028end\r\n", "next\x85line\u2028end\r\n"),
        ("no Unicode \udcff", "no Unicode &#56575;"),
        ("a.py::", "a.py"),
        ("a.py::TestIt::test[x::y]", "a.py::TestIt::test[x::y]"),
    ],
)
def test_any_name_is_kept(path: Path, name: str, kept: str) -> None:
    write(path, name, over=True)
    assert [row[0] for row in stored(path)] == [kept]
