"""The kind of a flaky test is told from what its outcome follows from, or not at all."""

import sqlite3
from pathlib import Path

import pytest

from hangar_devkit.history import cli
from hangar_devkit.history.fingerprint import Sighting
from hangar_devkit.history.kinds.evidence import Evidence, Trial
from hangar_devkit.history.kinds.names import ORDER, RANDOM, RESOURCE, TIME, UNTOLD
from hangar_devkit.history.kinds.order import follows_from_order
from hangar_devkit.history.kinds.telling import tell
from hangar_devkit.history.lifecycle import CLEAN_RUNS
from hangar_devkit.history.store import Store
from hangar_devkit.history.update import update

from .suite import Suite

DAY = 86_400
RUNS = 24
FAILING = frozenset({1, 6, 8, 13, 17, 20})
NAMES = [f"test_{letter}.py::test" for letter in "abcdefgh"]


def told(
    before: dict[int, int] | None = None,
    *,
    failing: frozenset[int] = FAILING,
    hours: dict[int, float] | None = None,
    zones: dict[int, str] | None = None,
    slow: int = 5,
    exception: str = "AssertionError",
    messages: tuple[str, ...] = ("assert 1 == 2",),
) -> Evidence:
    """Return the evidence of runs, one a day, that fail now and then."""
    trials = tuple(
        Trial(
            run,
            run in failing,
            slow if run in failing else 5,
            (before or {}).get(run, 0),
            run * DAY + 3600 * (hours or {}).get(run, 12),
            (zones or {}).get(run, "+0000"),
        )
        for run in range(RUNS)
    )
    sightings = tuple(
        Sighting(run, "test_x.py::test", exception, messages[i % len(messages)], ())
        for i, run in enumerate(sorted(failing))
    )
    return Evidence(1, "test_x.py::test", trials, sightings, NAMES)


def shuffled(rule: frozenset[int]) -> dict[int, int]:
    """Return which tests ran before in each run: the first only in the runs of the rule."""
    return {run: (run * 37 % 128) << 1 | (run in rule) for run in range(RUNS)}


KINDS = {
    "a victim": (told(shuffled(FAILING)), ORDER),
    "a brittle test": (told(shuffled(frozenset(range(RUNS)) - FAILING)), ORDER),
    "a folder that is there": (told(exception="FileExistsError", messages=("File exists",)), ORDER),
    "the night": (told(hours=dict.fromkeys(FAILING, 2.5)), TIME),
    "a time zone": (told(zones=dict.fromkeys(FAILING, "+0900")), TIME),
    "a wait": (told(exception="queue.Empty"), TIME),
    "a slow machine": (told(slow=400), TIME),
    "a port": (told(exception="OSError", messages=("Address already in use",)), RESOURCE),
    "a server": (told(exception="ConnectionRefusedError"), RESOURCE),
    "the order of a set": (told(messages=("assert ['b', 'a'] == ['a', 'b']",)), RANDOM),
    "another value each time": (told(messages=tuple(f"assert {i} < 3" for i in "456789")), RANDOM),
    "nothing that shows": (told(), UNTOLD),
}  # fmt: skip


@pytest.mark.parametrize(("evidence", "kind"), KINDS.values(), ids=KINDS)
def test_its_kind_is(evidence: Evidence, kind: str) -> None:
    assert tell(evidence, None).name == kind


def test_the_reason_names_what_ran_before() -> None:
    assert NAMES[0] in tell(told(shuffled(FAILING)), None).reason


def test_the_same_order_with_another_outcome_refutes_order() -> None:
    before = shuffled(FAILING) | {1: 1, 2: 1}
    assert follows_from_order(told(before)) == ""


def test_two_failures_are_too_few_to_blame_an_order() -> None:
    few = frozenset({3, 9})
    assert tell(told(shuffled(few), failing=few), None).name == UNTOLD


def test_either_of_two_tests_may_be_to_blame() -> None:
    blamed = {run: 1 if run < 10 else 2 for run in FAILING}
    before = {run: (run * 37 % 64) << 2 | blamed.get(run, 0) for run in range(RUNS)}
    assert tell(told(before), None).reason.count("::test") == 2


def test_one_night_is_no_time_of_day() -> None:
    once = frozenset({9, 10})
    assert tell(told(failing=once, hours=dict.fromkeys(once, 2.5)), None).name == UNTOLD


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("import random\ndef test(): assert random.random() < 0.9", RANDOM),
        ("WORDS = {'a', 'b'}\ndef test(): assert list(WORDS) == ['a', 'b']", RANDOM),
        ("import datetime as dt\ndef test(): assert dt.datetime.now().second", TIME),
        ("import os\ndef test(tmp_path): assert os.listdir(tmp_path) == []", RESOURCE),
        ("from shop import pick\ndef test(): assert pick()", RANDOM),
        ("import time\n@fixture\ndef now(): return time.time()\ndef test(now): pass", TIME),
        ("import random, time\ndef test(): assert random.random() < time.time() % 1", UNTOLD),
        ("def test(: pass", UNTOLD),
    ],
)  # fmt: skip
def test_what_the_code_uses_makes_a_kind_likely(tmp_path: Path, source: str, kind: str) -> None:
    (tmp_path / "shop.py").write_text("import random\ndef pick(): return random.choice([0, 1])\n")
    (tmp_path / "test_x.py").write_text(source)
    assert tell(told(), tmp_path).name == kind


@pytest.fixture
def flaky(suite: Suite) -> Suite:
    """A suite with a test that fails when the machine says so."""
    suite.write("test_port.py", "import far\ndef test(): far.connect()\n")
    outside = suite.root.parent / "outside"
    outside.mkdir()
    fails = outside / "fails"
    (outside / "far.py").write_text(
        f"import os\ndef connect():\n if os.path.exists({str(fails)!r}): raise ConnectionError()\n"
    )
    suite.environment["PYTHONPATH"] = str(outside)
    for run in range(4):
        fails.touch() if run == 2 else fails.unlink(missing_ok=True)
        suite.run()
    return suite


def test_the_export_says_the_kind(flaky: Suite) -> None:
    assert flaky.exported()[0]["flaky_kind"] == RESOURCE


def test_the_markdown_queue_says_the_kind(flaky: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    cli.triage_main(["--root", str(flaky.root), "--format", "markdown"])
    assert f"| {RESOURCE} |" in capsys.readouterr().out


def test_a_flaky_test_stays_on_the_queue_while_it_passes(flaky: Suite) -> None:
    for _ in range(CLEAN_RUNS):
        flaky.run()
    with Store(flaky.path, create=False) as store:
        assert [entry.candidate.kind for entry in update(store, full=True).entries] == ["flaky"]


def test_a_run_tells_its_time_zone(suite: Suite) -> None:
    suite.environment["TZ"] = "Asia/Tokyo"
    suite.write("test_a.py", "def test(): pass\n")
    suite.run()
    assert suite.query("SELECT zone FROM run") == [("+0900",)]


def test_a_run_tells_its_seeds(suite: Suite) -> None:
    suite.environment["PYTHONHASHSEED"] = "7"
    suite.write("test_a.py", "def test(): pass\n")
    suite.run()
    assert suite.query("SELECT seed FROM run") == [("PYTHONHASHSEED=7",)]


def test_a_store_of_the_first_version_is_brought_forward(suite: Suite) -> None:
    suite.write("test_a.py", "def test(): pass\n")
    suite.run()
    suite.query("SELECT 1")
    connection = sqlite3.connect(suite.path)
    for table, column in (("run", "zone"), ("run", "seed"), ("flaky", "kind_reason")):
        connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    connection.execute("PRAGMA user_version=1")
    connection.close()
    suite.run()
    assert len(suite.query("SELECT zone, seed FROM run")) == 2
