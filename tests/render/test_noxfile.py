"""What the noxfile of a project reads from the environment."""

import runpy
from collections.abc import Callable
from pathlib import Path
from unittest.mock import create_autospec

import nox
import pytest

from hangar_devkit.ci import in_ci
from tests.conftest import Render


@pytest.mark.parametrize("value", ["true", "1", "woodpecker", "", "0", "false", "No", "off"])
def test_noxfile_detects_ci_as_devkit_does(
    render: Render, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setattr("nox.registry._REGISTRY", {})  # each run defines the sessions anew
    monkeypatch.setenv("CI", value)
    noxfile = runpy.run_path(str(render({}) / "noxfile.py"))
    assert noxfile["IN_CI"] == in_ci({"CI": value})


@pytest.fixture
def create(render: Render, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], list[str]]:
    """Create the environment of a project at a path; give the command that does so."""
    monkeypatch.setattr("nox.registry._REGISTRY", {})
    monkeypatch.delenv("UV_PYTHON", raising=False)
    noxfile = runpy.run_path(str(render({"python_version": "3.12"}) / "noxfile.py"))

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
