"""Projects as a newcomer has them: generated, committed, set up with nox and uv from PATH."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.render import BIN, Run, by_api, run
from tests.support.template import Answers, git

Start = Callable[[Answers], Path]


@pytest.fixture(scope="session", autouse=True)
def newcomer(clean_machine: None) -> Iterator[None]:
    """Be on a machine with uv and nox, not in CI."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
        for name in ("CI", "NOXSESSION", "PYTHONPATH", "UV_LINK_MODE", "UV_PYTHON"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def start(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Generate a project and commit it."""

    def project(answers: Answers) -> Path:
        place = by_api(template, tmp_path_factory.mktemp("green"), answers)
        git(place, "init", "--quiet")
        git(place, "add", "--all")
        git(place, "commit", "--quiet", "--message=Start")
        return place

    return project


@pytest.fixture(scope="session")
def ready(start: Start) -> Path:
    """A project that is set up and committed, lock included. Leave it as it was."""
    place = start({})
    nox(place, "setup")
    commit(place)
    return place


@pytest.fixture(scope="session")
def ready_on_gitlab(start: Start) -> Path:
    """The same, for the other CI."""
    place = start({"ci": "gitlab"})
    nox(place, "setup")
    commit(place)
    return place


@pytest.fixture(scope="session")
def widest(start: Start) -> Path:
    """A project with every option and every dependency but PyTorch, which takes gigabytes."""
    place = start({"ml_pipeline": True})
    every = ["--all-groups", "--all-extras", "--no-extra=torch", "--all-packages"]
    run("uv", "sync", "--quiet", *every, cwd=place)
    return place


def commit(place: Path) -> None:
    """Commit everything, whatever the hooks say."""
    git(place, "add", "--all")
    git(place, "commit", "--quiet", "--no-verify", "--message=More")


def nox(place: Path, *sessions: str) -> Run:
    """Run nox as a newcomer does."""
    names = [f"--session={name}" for name in sessions]
    return run(BIN / "nox", *names, cwd=place)


@pytest.fixture(scope="session")
def start_without_git(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in no repository."""
    return by_api(template, tmp_path_factory.mktemp("bare"), {"ci": "none"})
