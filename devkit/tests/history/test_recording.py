"""One session is one run, each attempt is stored once, and recording never changes an outcome."""

import subprocess
from pathlib import Path

import pytest

from hangar_devkit.history.recording.environment import GitQuery
from hangar_devkit.history.records import ERROR, FAILED, PASSED, SKIPPED, XFAILED, XPASSED

from .suite import RECORDER, RERUNS, TRIVIAL, XDIST, Suite

MIXED = """
    import pytest

    def test_pass(): pass
    def test_fail(): assert 1 == 2
    def test_skip(): pytest.skip("no")

    @pytest.mark.xfail
    def test_xfail(): assert False

    @pytest.mark.xfail
    def test_xpass(): pass

    @pytest.fixture
    def broken(): raise RuntimeError("setup")

    @pytest.fixture
    def late():
        yield
        raise RuntimeError("teardown")

    def test_setup(broken): pass
    def test_teardown(late): pass
    def test_both(late): assert False
"""
MIXED_OUTCOMES = [
    ("test_both", 0, FAILED),
    ("test_fail", 0, FAILED),
    ("test_pass", 0, PASSED),
    ("test_setup", 0, ERROR),
    ("test_skip", 0, SKIPPED),
    ("test_teardown", 0, ERROR),
    ("test_xfail", 0, XFAILED),
    ("test_xpass", 0, XPASSED),
]
WAYS = {
    "sequential": (),
    "two workers": (*XDIST, "-n", "2"),
    "loadscope": (*XDIST, "-n", "2", "--dist", "loadscope"),
    "worksteal": (*XDIST, "-n", "2", "--dist", "worksteal"),
    "beside rerunfailures": RERUNS,
}


@pytest.fixture(scope="module", params=list(WAYS.values()), ids=list(WAYS))
def mixed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """A suite with every outcome, recorded in one session."""
    suite = Suite(tmp_path_factory.mktemp("mixed"))
    suite.write("pytest.ini", "[pytest]\n")
    suite.write("test_it.py", MIXED)
    suite.run(*request.param)
    return suite


def test_each_outcome_is_stored_once(mixed: Suite) -> None:
    assert mixed.outcomes() == MIXED_OUTCOMES


def test_one_session_is_one_run(mixed: Suite) -> None:
    assert mixed.query("SELECT tests, broken FROM run") == [(8, 4)]


def test_each_phase_that_failed_is_recorded(mixed: Suite) -> None:
    failures = {(str(f["nodeid"])[12:], f["phase"], f["exception"]) for f in mixed.exported()}
    assert failures == {
        ("test_both", "call", "AssertionError"),
        ("test_both", "teardown", "RuntimeError"),
        ("test_fail", "call", "AssertionError"),
        ("test_setup", "setup", "RuntimeError"),
        ("test_teardown", "teardown", "RuntimeError"),
    }


@pytest.mark.parametrize("options", WAYS.values(), ids=WAYS)
def test_a_subtest_has_its_own_result(suite: Suite, options: tuple[str, ...]) -> None:
    suite.write(
        "test_it.py",
        """
        def test_it(subtests):
            for i, s in ((1, "a"), (2, "b")):
                with subtests.test("part", i=i, s=s):
                    assert i == 1
        """,
    )
    suite.run(*options)
    assert suite.outcomes() == [
        ("test_it", 0, FAILED),
        ("test_it [part] (i=1, s=a)", 0, PASSED),
        ("test_it [part] (i=2, s=b)", 0, FAILED),
    ]


def test_a_failing_subtest_is_one_failure(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
        def test_it(subtests):
            with subtests.test("part"):
                assert False
        """,
    )
    suite.run()
    assert [f["nodeid"] for f in suite.exported()] == ["test_it.py::test_it [part]"]


@pytest.mark.parametrize("workers", [(), (*XDIST, "-n", "2")], ids=["sequential", "two workers"])
def test_each_rerun_is_an_attempt(suite: Suite, workers: tuple[str, ...]) -> None:
    suite.write(
        "test_it.py",
        """
        from pathlib import Path
        def test_it():
            tries = Path("tries")
            tries.write_text(tries.read_text() + "x" if tries.exists() else "x")
            assert len(tries.read_text()) == 3
        """,
    )
    suite.run(*RERUNS, "--reruns", "3", *workers)
    assert suite.outcomes() == [
        ("test_it", 0, FAILED), ("test_it", 1, FAILED), ("test_it", 2, PASSED)
    ]  # fmt: skip


@pytest.mark.parametrize("workers", [(), (*XDIST, "-n", "2")], ids=["sequential", "two workers"])
def test_a_collection_error_is_stored_once(suite: Suite, workers: tuple[str, ...]) -> None:
    suite.write("test_it.py", "import nothing_of_that_name\n")
    suite.run(*workers)
    assert [(f["nodeid"], f["phase"], f["exception"]) for f in suite.exported()] == [
        ("test_it.py", "collect", "ModuleNotFoundError")
    ]


def test_a_dead_worker_is_recorded(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
        import os
        def test_dies(): os._exit(9)
        def test_lives(): pass
        """,
    )
    suite.run(*XDIST, "-n", "1")
    assert [(f["nodeid"], f["phase"]) for f in suite.exported()] == [
        ("test_it.py::test_dies", "crash")
    ]


@pytest.mark.parametrize("recorder", [(), RECORDER], ids=["without", "with"])
def test_the_exit_code_is_the_suite_s(suite: Suite, recorder: tuple[str, ...]) -> None:
    suite.write("test_it.py", MIXED)
    assert suite.run(recorder=recorder).returncode == pytest.ExitCode.TESTS_FAILED


def test_a_session_within_a_test_is_no_run(suite: Suite) -> None:
    suite.write("test_it.py", TRIVIAL)
    suite.environment["PYTEST_CURRENT_TEST"] = "test_outer.py::test_it (call)"
    suite.run()
    assert not suite.path.exists()


@pytest.mark.parametrize("setting", ["environment", "ini", "option"])
def test_it_can_be_turned_off(suite: Suite, setting: str) -> None:
    suite.write("test_it.py", TRIVIAL)
    if setting == "environment":
        suite.environment["DEVKIT_HISTORY"] = "0"
    options = ["-o", "history=false"] if setting == "ini" else []
    recorder = () if setting == "option" else RECORDER
    suite.run(*options, recorder=recorder)
    assert not suite.path.exists()


def test_git_does_not_see_the_store(suite: Suite) -> None:
    suite.write("test_it.py", TRIVIAL)
    suite.run()
    assert (suite.path.parent / ".gitignore").read_text(encoding="utf-8").endswith("*\n")


def test_the_commit_is_known(suite: Suite) -> None:
    suite.write("test_it.py", TRIVIAL)
    for command in (["init", "-q"], ["add", "test_it.py"], ["commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=suite.root, check=True)
    suite.run()
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=suite.root, capture_output=True, text=True, check=True
    )
    assert suite.query('SELECT "commit", branch, dirty, on_default FROM run') == [
        (head.stdout.strip(), "main", 0, 1)
    ]


@pytest.mark.parametrize(("name", "dirty"), [("data/a.csv", False), ("more/a.py", True)])
def test_only_untracked_sources_are_changes(tmp_path: Path, name: str, dirty: bool) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    path = tmp_path / name
    path.parent.mkdir()
    path.touch()
    assert GitQuery(tmp_path).answer()[2] is dirty


def test_a_secret_in_a_traceback_is_masked(suite: Suite) -> None:
    suite.write("test_it.py", 'def test_it():\n    raise ValueError("password=hunter2222")\n')
    suite.run()
    assert "hunter2222" not in str(suite.exported())
