"""What was fixed leaves the queue, and what is reported is about the failure on the screen."""

import json
import subprocess
from pathlib import Path

import pytest

from hangar_devkit.history import cli

from .suite import Suite

BROKEN = {
    "test_syntax.py": "def test_a(:",
    "test_import.py": "import missing_module\n\ndef test_b(): pass\n",
    "test_emptied.py": "import missing_module\n",
    "test_cases.py": """
        import pytest
        @pytest.mark.parametrize("n", [1, 2, 3])
        def test_case(n): assert n < 3
        """,
    "test_subtest.py": """
        def test_sub(subtests):
            for n in (1, 2):
                with subtests.test(n=n): assert n < 2
        """,
    "test_mark.py": "import pytest\n\n@pytest.mark.unknown\ndef test_c(): pass\n",
    "test_fixture.py": "def test_d(missing_fixture): pass\n",
    "test_now_skipped.py": "def test_e(): assert 0\n",
    "pkg/__init__.py": "import missing_module\n",
    "pkg/test_inside.py": "def test_f(): pass\n",
}
FIXED = {
    "test_syntax.py": "def test_a(): pass\n",
    "test_import.py": "def test_b(): pass\n",
    "test_emptied.py": "VALUE = 1\n",
    "test_cases.py": """
        import pytest
        @pytest.mark.parametrize("n", [1, 2])
        def test_case(n): assert n < 3
        """,
    "test_subtest.py": """
        def test_sub(subtests):
            for n in (1,):
                with subtests.test(n=n): assert n < 2
        """,
    "test_mark.py": "def test_c(): pass\n",
    "test_fixture.py": "def test_d(): pass\n",
    "test_now_skipped.py": "import pytest\n\n@pytest.mark.skip\ndef test_e(): assert 0\n",
    "pkg/__init__.py": "",
    "pkg/test_inside.py": "def test_f(): pass\n",
}


def items(suite: Suite, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    capsys.readouterr()
    assert cli.triage_main(["--root", str(suite.root), "--format", "json"]) == 0
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)["items"]
    return found


@pytest.fixture
def broken(suite: Suite) -> Suite:
    suite.write("pytest.ini", "[pytest]\naddopts = --strict-markers\n")
    for name, text in BROKEN.items():
        suite.write(name, text)
    suite.run("--continue-on-collection-errors")
    return suite


def test_what_is_fixed_leaves_the_queue_after_three_runs(
    broken: Suite, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in FIXED.items():
        broken.write(name, text)
    for _ in range(3):
        done = broken.run("--continue-on-collection-errors")
    assert (done.returncode, items(broken, capsys)) == (0, [])


def test_the_last_line_is_about_this_run(broken: Suite) -> None:
    broken.write("test_fresh.py", "def test_fresh(): raise KeyError('fresh')\n")
    done = broken.run("test_fresh.py")
    (line,) = [line for line in done.stdout.splitlines() if "fix first" in line]
    assert "test_fresh.py" in line


def test_a_green_run_names_no_failure(broken: Suite) -> None:
    broken.write("test_green.py", "def test_green(): pass\n")
    assert "fix first" not in broken.run("test_green.py").stdout


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture
def versioned(suite: Suite) -> Suite:
    suite.write("test_a.py", "def test_a(): pass\n")
    git(suite.root, "init", "--quiet")
    git(suite.root, "add", ".")
    git(suite.root, "commit", "--quiet", "--message=Innocent")
    return suite


def test_uncommitted_work_is_the_suspect(
    versioned: Suite, capsys: pytest.CaptureFixture[str]
) -> None:
    versioned.write("test_new.py", "def test_new(): assert 0\n")
    versioned.run()
    assert [item["suspects"] for item in items(versioned, capsys)] == [["uncommitted changes"]]


def test_a_commit_that_passed_is_no_suspect(
    versioned: Suite, capsys: pytest.CaptureFixture[str]
) -> None:
    versioned.run()
    versioned.environment["FAIL"] = "1"
    versioned.write("test_a.py", "import os\ndef test_a(): assert 'FAIL' not in os.environ\n")
    git(versioned.root, "commit", "--all", "--quiet", "--message=Read a variable")
    del versioned.environment["FAIL"]
    versioned.run()
    versioned.environment["FAIL"] = "1"
    versioned.run()
    assert [item["suspects"] for item in items(versioned, capsys)] == [[]]


def test_more_runs_come_with_their_command(
    versioned: Suite, capsys: pytest.CaptureFixture[str]
) -> None:
    versioned.write("test_a.py", "def test_a(): assert 0\n")
    versioned.run()
    (item,) = items(versioned, capsys)
    assert str(item["flakiness"]).endswith("hangar history prove test_a.py::test_a")
