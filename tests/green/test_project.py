"""A project that is set up stays quick, and its own name clashes with nothing that it needs."""

import re
import shutil
import tomllib
from collections.abc import Iterable
from pathlib import Path

import json5
import pytest

from tests.green.conftest import Start, commit, nox
from tests.support.render import BIN, run
from tests.support.template import ROOT, git

pytestmark = pytest.mark.slow


def installed(place: Path) -> dict[str, int]:
    """List what is in the environment, with the time it was put there."""
    return {
        path.name: path.stat().st_mtime_ns
        for path in place.glob(".venv/lib/python*/site-packages/*.dist-info")
    }


def not_refused(names: Iterable[str]) -> list[str]:
    """List the names that the hook lets a project have, but for the sample's own."""
    hook = (ROOT / "hooks" / "pre_gen_project.py").read_text(encoding="utf-8")
    return sorted(
        name for name in {*names} - {"my-project"} if f'"{name.replace("-", "_")}"' not in hook
    )


def test_warm_tests_install_nothing(ready: Path) -> None:
    nox(ready, "tests")
    before = installed(ready)
    nox(ready, "tests")
    assert installed(ready) == before


def test_first_preflight_reports_nothing_that_setup_creates(start: Start) -> None:
    shown = nox(start({"project_name": "First"}), "preflight").out
    assert re.findall(r"PF103|PF201|PF205", shown) == []


def test_everything_is_green_without_a_network(ready: Path) -> None:
    """The `nox` of a project that is set up, where nothing can be reached."""
    loopback_only = ("sh", "-c", 'ip link set lo up && exec "$@"', "sh")
    isolated = ("unshare", "--user", "--map-root-user", "--net", *loopback_only)
    if not shutil.which("unshare") or run(*isolated, "true").code:
        pytest.skip("no network namespaces: apt-get install util-linux iproute2, or run as root")
    done = run(*isolated, BIN / "nox", cwd=ready)
    assert done.code == 0, done.out + done.err


def test_formatter_leaves_everything_as_it_is(ready: Path) -> None:
    """Typed by hand it sees pages too, whose lines that include a source are no Python."""
    done = run("uv", "run", "--frozen", "--no-sync", "ruff", "format", "--diff", cwd=ready)
    assert done.out == ""


def test_setup_makes_a_repository(start_without_git: Path) -> None:
    nox(start_without_git, "setup")
    assert git(start_without_git, "rev-parse", "--is-inside-work-tree") == "true\n"


def test_setup_leaves_a_lock(start_without_git: Path) -> None:
    nox(start_without_git, "setup")
    assert (start_without_git / "uv.lock").exists()


def test_no_locked_package_can_name_a_project(widest: Path) -> None:
    lock = tomllib.loads((widest / "uv.lock").read_text(encoding="utf-8"))
    assert not_refused(package["name"] for package in lock["package"]) == []


def test_no_installed_command_can_name_a_project(widest: Path) -> None:
    names = (path.name for path in (widest / ".venv" / "bin").iterdir())
    assert not_refused(name for name in names if re.fullmatch("[a-z][a-z0-9-]*", name)) == []


def test_plugin_that_warns_at_its_start_ends_no_session(ready: Path, tmp_path: Path) -> None:
    plugin = """
import warnings
import pytest

def pytest_configure(config):
    warnings.warn(pytest.PytestDeprecationWarning("a setting is old"))
"""
    (tmp_path / "outdated.py").write_text(plugin, encoding="utf-8")
    done = run(
        *("uv", "run", "--frozen", "--no-sync"),
        *("pytest", "-p", "outdated", "tests/test_utils.py"),
        cwd=ready,
        env={"PYTHONPATH": str(tmp_path)},
    )
    assert done.code == 0, done.out + done.err


def test_example_runs_as_a_module(ready: Path) -> None:
    done = run(
        *("uv", "run", "--frozen", "--no-sync"),
        *("python", "-m", "my_project", "validate", "data/readings.csv"),
        cwd=ready,
    )
    assert (done.code, done.out.splitlines()[-1]) == (0, "288 rows: 288 valid, 0 invalid")


def test_example_runs_as_a_script(ready: Path) -> None:
    done = run(
        "uv", "run", "--frozen", "--no-sync", "my-project", "validate", "missing.csv", cwd=ready
    )
    assert (done.code, "Traceback" in done.err) == (1, False)


def test_hooks_pass_under_prek_too(ready: Path) -> None:
    done = run(BIN / "prek", "run", "--all-files", cwd=ready)
    assert done.code == 0, done.out


def test_good_commit_is_made(ready: Path) -> None:
    before = git(ready, "rev-parse", "HEAD")
    git(ready, "commit", "--quiet", "--allow-empty", "--message=Nothing")
    assert git(ready, "rev-parse", "HEAD") != before


def test_bad_commit_is_refused(ready: Path) -> None:
    (ready / "notes.md").write_text("trailing \n\nspace \n", encoding="utf-8")
    git(ready, "add", "notes.md")
    done = run("git", "commit", "--message=Bad", cwd=ready)
    git(ready, "rm", "--quiet", "--force", "notes.md")
    assert (done.code, "trailing whitespace" in done.err + done.out) == (1, True)


def test_commit_without_uv_says_what_to_do(ready: Path) -> None:
    # Debian's own programs only: git is among them, uv is not.
    env: dict[str, str | None] = {"PATH": "/usr/bin:/bin"}
    done = run("git", "commit", "--allow-empty", "--message=No uv", cwd=ready, env=env)
    assert (done.code, done.err.split(". ")) == (
        1,
        [
            "pre-commit: uv is not on PATH, so the checks did not run",
            "Install uv, or commit in the dev container.\n",
        ],
    )


def test_push_checks_types(ready: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare")
    wrong = ready / "src" / "my_project" / "wrong.py"
    wrong.write_text('"""Wrong."""\n\nCOUNT: int = "one"\n', encoding="utf-8")
    commit(ready)
    done = run("git", "push", str(tmp_path), "HEAD", cwd=ready)
    git(ready, "reset", "--quiet", "--hard", "HEAD~1")
    assert (done.code, "Incompatible types in assignment" in done.out + done.err) == (1, True)


def test_task_of_the_editor_runs(ready: Path) -> None:
    task = next(task for task in tasks(ready) if task["label"] == "typecheck")
    assert run("sh", "-c", task["command"], cwd=ready).code == 0


def test_debugger_can_start_the_program(ready: Path) -> None:
    text = (ready / ".vscode" / "launch.json").read_text(encoding="utf-8")
    (configuration,) = json5.loads(text)["configurations"]
    python = ready / ".venv" / "bin" / "python"
    assert run(python, "-m", configuration["module"], "--help", cwd=ready).code == 0


def test_test_explorer_finds_the_tests(ready: Path) -> None:
    python = ready / ".venv" / "bin" / "python"
    found = run(python, "-m", "pytest", "--collect-only", "--quiet", cwd=ready).out
    assert "tests/test_cli.py::test_sample_is_valid" in found


def tasks(place: Path) -> list[dict[str, str]]:
    """Return the tasks that the editor offers."""
    text = (place / ".vscode" / "tasks.json").read_text(encoding="utf-8")
    return list(json5.loads(text)["tasks"])
