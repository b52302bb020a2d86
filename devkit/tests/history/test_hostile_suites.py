"""A suite that breaks what the recorder needs has the same outcome, and keeps its history."""

import random
import time
from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent, indent

import pytest

from hangar_devkit.history.records import Group, Run
from hangar_devkit.history.store.journal import Journal, pending

from .suite import RECORDER, Suite

TESTS = 30
# What a test does and never undoes.
HOSTILE = {
    "the clock is frozen in the past": "time.time = lambda: 1577836800.0",
    "the clock is frozen in the future": "time.time = time.time_ns = lambda: 2208988800",
    "the clock ends": "time.time = mock.Mock(side_effect=[1.0, 2.0])",
    "the clock raises": "time.time = time.localtime = time.strftime = lambda *_: 1 / 0",
    "every clock is replaced": """
        for name in ("time", "monotonic", "perf_counter", "localtime", "gmtime", "strftime"):
            setattr(time, name, mock.Mock(return_value=1577836800.0))
        """,
    "names of modules are replaced": """
        for module in list(sys.modules.values()):
            if getattr(module, "__name__", "").startswith("hangar_devkit"):
                for name, value in list(vars(module).items()):
                    if value in (time, os, time.time, time.perf_counter):
                        setattr(module, name, mock.MagicMock())
        """,
    "open is replaced": "builtins.open = io.open = mock.mock_open(read_data='[]')",
    "open fails": "builtins.open = io.open = mock.Mock(side_effect=PermissionError)",
    "functions of os are replaced": """
        for name in ("open", "write", "stat", "scandir", "unlink", "mkdir", "makedirs", "listdir"):
            setattr(os, name, mock.MagicMock())
        """,
    "functions of paths are replaced": """
        pathlib.Path.exists = pathlib.Path.is_file = lambda *_: False
        pathlib.Path.read_text = pathlib.Path.stat = lambda *_, **__: None
        """,
    "sqlite3 is replaced": "sqlite3.connect = sqlite3.Connection = mock.MagicMock()",
    "json is replaced": "json.dumps = json.loads = mock.MagicMock()",
    "subprocess is replaced": "subprocess.Popen = subprocess.run = mock.MagicMock()",
    "descriptors are closed and used again": """
        os.closerange(3, 64)
        for number in range(40):
            os.open(f"mine-{number}", os.O_RDWR | os.O_CREAT)
        """,
    "the directory is changed": "os.chdir('/')",
    "the directory is deleted": """
        os.mkdir("lost")
        os.chdir("lost")
        os.rmdir("../lost")
        """,
    "the environment is cleared": "os.environ.clear()",
    "the history is deleted": "shutil.rmtree('.cache')",
    "the history is replaced by a file": """
        shutil.rmtree(".cache")
        pathlib.Path(".cache").touch()
        """,
    "no file may grow": "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))",
    "no file may be opened": "resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))",
    "a child exits": """
        if os.fork() == 0:
            raise SystemExit(0)
        os.wait()
        """,
    "a child goes on": """
        if os.fork() == 0:
            raise RuntimeError
        os.wait()
        """,
    "a child is killed": """
        child = os.fork()
        if child == 0:
            time.sleep(60)
        os.kill(child, signal.SIGKILL)
        os.wait()
        """,
}
LOST = {"the history is deleted", "the history is replaced by a file"}
"""What deletes the runs before: the user's own doing."""
UNRECORDED = {"the history is replaced by a file", "no file may grow", "no file may be opened"}
"""What leaves the recorder no way to write: the rest of such a session is not recorded."""
MODULES = (
    "builtins, io, json, os, pathlib, resource, shutil, signal, sqlite3, subprocess, sys, time"
)
# pytest itself has open files, of these plugins, and does not survive that a test closes them.
OPTIONS = ("--capture=sys", "-p", "no:logging")


def run_hostile(suite: Suite, *names: str) -> str:
    """Record a suite of which the eleventh test and its successors are hostile."""
    write_hostile(suite, *names)
    done = suite.run(*OPTIONS)
    return f"{done.stdout}\nexit code {done.returncode}"


def write_hostile(suite: Suite, *names: str) -> None:
    """Write a suite with a run in its history, and hostile tests."""
    before: Group = ("test_it.py", "", "", ["", 1])
    Journal(suite.path, Run("before", 1e9)).append([before], over=True)
    cases = "".join(
        f"    if i == {10 + number}:\n{indent(dedent(HOSTILE[name]).strip(), ' ' * 8)}\n"
        for number, name in enumerate(names)
    )
    suite.write("pytest.ini", "[pytest]\n")
    suite.write(
        "test_it.py",
        f"import pytest, {MODULES}\nfrom unittest import mock\n"
        f'@pytest.mark.parametrize("i", range({TESTS}))\ndef test_it(i):\n{cases}',
    )


def recorded(suite: Suite) -> list[object]:
    """Return how many results each run has."""
    if not suite.path.exists() and not pending(suite.path):
        return []
    return [count for (count,) in suite.query("SELECT tests FROM run ORDER BY started")]


@pytest.fixture(params=list(HOSTILE), scope="module")
def hostile(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Suite, str]:
    """What a suite did while it was recorded, the suite, and what its session printed."""
    suite = Suite(tmp_path_factory.mktemp("hostile"))
    return request.param, suite, run_hostile(suite, request.param)


def test_each_test_passes_as_without_the_recorder(hostile: tuple[str, Suite, str]) -> None:
    assert f"{TESTS} passed" in hostile[2]


def test_the_session_succeeds_as_without_the_recorder(hostile: tuple[str, Suite, str]) -> None:
    assert hostile[2].endswith("exit code 0")


def test_no_run_is_lost(hostile: tuple[str, Suite, str]) -> None:
    name, suite, _ = hostile
    before = [] if name in LOST else [1]
    assert recorded(suite) == [*before, *([] if name in UNRECORDED else [TESTS])]


def test_a_note_says_what_was_not_recorded(hostile: tuple[str, Suite, str]) -> None:
    name, _, output = hostile
    assert ("the rest of this run was not recorded" in output) is (name in UNRECORDED)


def outcome(root: Path, names: Sequence[str], *recorder: str) -> tuple[int, str]:
    """Return the exit code of a session and its counts of tests."""
    suite = Suite(root)
    write_hostile(suite, *names)
    done = suite.run(*OPTIONS, "--tb=no", recorder=recorder)
    return done.returncode, done.stdout.strip().rpartition("\n")[2].partition(" in ")[0]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.slow
def test_several_of_them_together_change_no_outcome(tmp_path: Path, seed: int) -> None:
    names = random.Random(seed).sample([name for name in HOSTILE if "child" not in name], 5)
    expected = outcome(tmp_path / "without", names)
    assert outcome(tmp_path / "with", names, *RECORDER) == expected


@pytest.mark.parametrize("when", ["2020-01-01", "2040-01-01"])
def test_a_clock_that_a_library_moves_deletes_no_run(suite: Suite, when: str) -> None:
    suite.write("conftest.py", f"import time_machine\ntime_machine.travel({when!r}).start()\n")
    run_hostile(suite, "the directory is changed")
    assert recorded(suite) == [1, TESTS]


def test_a_clock_that_a_library_moves_does_not_date_the_run(suite: Suite) -> None:
    suite.write("conftest.py", "import time_machine\ntime_machine.travel('2040-01-01').start()\n")
    run_hostile(suite, "the directory is changed")
    ((started,),) = suite.query("SELECT max(started) FROM run")
    assert isinstance(started, float)
    assert abs(time.time() - started) < 3600


def test_a_failure_that_exits_when_printed_is_recorded(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
        import pytest
        class Broken(Exception):
            def __str__(self): pytest.fail("no text")
        def test_it(): raise Broken
        """,
    )
    suite.run()
    assert [failure["exception"] for failure in suite.exported()] == ["test_it.Broken"]
