"""What the noxfile of a project reads from the environment and from git."""

import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock, create_autospec

import nox
import pytest

from hangar_devkit.ci import in_ci
from tests.conftest import Render
from tests.support.template import git


def load(project: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run a noxfile; return what it defines."""
    monkeypatch.setattr("nox.registry._REGISTRY", {})  # each run defines the sessions anew
    return runpy.run_path(str(project / "noxfile.py"))


@pytest.fixture
def part(render: Render, tmp_path: Path) -> Path:
    """A project that is a part of a larger repository."""
    git(tmp_path, "init", "--quiet")
    (tmp_path / "other.txt").write_text("Another project.\n", encoding="utf-8")
    project: Path = shutil.copytree(render({}), tmp_path / "apps" / "project")
    git(tmp_path, "add", "--all")
    return project


@pytest.mark.parametrize("value", ["true", "1", "woodpecker", "", "0", "false", "No", "off"])
def test_noxfile_detects_ci_as_devkit_does(
    render: Render, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("CI", value)
    assert load(render({}), monkeypatch)["IN_CI"] == in_ci({"CI": value})


@pytest.fixture
def create(render: Render, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], list[str]]:
    """Create the environment of a project at a path; give the command that does so."""
    monkeypatch.delenv("UV_PYTHON", raising=False)
    noxfile = load(render({"python_version": "3.12"}), monkeypatch)

    def at(place: Path) -> list[str]:
        monkeypatch.setenv("UV_PROJECT_ENVIRONMENT", str(place))
        session = create_autospec(nox.Session, instance=True)
        noxfile["create_environment"](session)
        return [word for call in session.run.call_args_list for word in call.args]

    return at


def test_a_new_environment_has_the_python_of_the_images(
    create: Callable[[Path], list[str]], tmp_path: Path
) -> None:
    place = tmp_path / "new"
    assert create(place) == ["uv", "venv", "--quiet", "--python=3.12", str(place)]


def test_an_environment_that_exists_keeps_its_python(
    create: Callable[[Path], list[str]], tmp_path: Path
) -> None:
    assert create(tmp_path) == []


def test_the_python_that_ci_chooses_comes_first(
    create: Callable[[Path], list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_PYTHON", "3.14")
    assert create(tmp_path / "new") == []


def test_setup_leaves_git_alone_in_a_larger_repository(
    part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Mock(spec=nox.Session)
    load(part, monkeypatch)["setup"].func(session)
    assert [call.args for call in session.run.call_args_list if "git" in call.args] == []


def test_lint_sees_the_project_alone_in_a_larger_repository(
    part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with load(part, monkeypatch)["as_repository"]():
        names = git(part, "ls-files").splitlines()
    assert sorted(names) == sorted(
        path.relative_to(part).as_posix()
        for path in part.rglob("*")
        if path.is_file()
        if ".nox" not in path.parts
    )


def test_the_larger_repository_keeps_its_index(part: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = git(part, "ls-files", "--stage", "--full-name", ":/")
    with load(part, monkeypatch)["as_repository"]():
        pass
    assert git(part, "ls-files", "--stage", "--full-name", ":/") == before
