"""The session itself: after an update of an edited project its lock and its checks are in order."""

import subprocess
from pathlib import Path

import pytest

from tests.support.edits import typical
from tests.support.projects import Factory, commit, git, run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def session(
    factory: Factory, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A project with the usual edits and a lock, and what `nox -s update` did to it."""
    project = factory.project(tmp_path_factory.mktemp("green") / "p", "v1.0.0")
    typical(project)
    locked = run(project, "uv", "lock", "--quiet")
    assert locked.returncode == 0, locked.stderr
    commit(project, "Edits")
    return project, run(project, "uvx", "nox", "-s", "update")


def test_the_session_ends_well(session: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    assert session[1].returncode == 0, session[1].stdout + session[1].stderr


def test_the_checks_ran(session: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    assert "Session typecheck was successful" in session[1].stdout + session[1].stderr


def test_the_lock_is_new(session: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    assert "uv.lock" in git(session[0], "diff", "HEAD", "--name-only")


def test_the_tests_pass(session: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    done = run(session[0], "uvx", "nox", "-s", "tests")
    assert done.returncode == 0, done.stdout + done.stderr


def test_one_command_takes_all_of_it_back(
    session: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    git(session[0], "reset", "--quiet", "--hard")
    assert git(session[0], "status", "--porcelain") == ""
