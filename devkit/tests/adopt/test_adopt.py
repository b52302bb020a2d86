"""What adoption reads from a project, and what the command says when it cannot start."""

import subprocess
import sys
from pathlib import Path

import pytest

from hangar_devkit.adopt import cli
from hangar_devkit.adopt.adoption import find_template
from hangar_devkit.adopt.guess import guess
from hangar_devkit.adopt.pyproject import complete
from hangar_devkit.update.errors import UpdateError

QUESTIONS = {"project_name": "My Project", "license": ["MIT", "Apache-2.0"], "ci": ["github"]}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "Lab"\nlicense = "GPL-3.0-only"\n', encoding="utf-8"
    )
    return tmp_path


def test_an_answer_that_is_no_choice_is_not_guessed(project: Path) -> None:
    assert guess(project, QUESTIONS) == {"project_name": "Lab"}


@pytest.mark.parametrize("text", ["", "[project]\n", "project = 3\n", "[project\n"])
def test_a_manifest_without_a_name_is_refused(project: Path, text: str) -> None:
    (project / "pyproject.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UpdateError, match=r"has no \[project\] name"):
        guess(project, QUESTIONS)


def test_missing_settings_are_added_with_their_comments() -> None:
    assert "b = 2 # why" in complete("[tool.x]\na = 1\n", "[tool.x]\nb = 2 # why\n").text


def test_a_setting_of_both_stays() -> None:
    assert complete("[tool.x]\na = 1\n", "[tool.x]\na = 2\n").text == "[tool.x]\na = 1\n"


def test_a_setting_of_both_is_listed() -> None:
    assert complete("[tool.x]\na = 1\n", "[tool.x]\na = 2\n").differ == ["tool.x.a"]


def test_project_metadata_is_never_taken() -> None:
    assert complete("", '[project]\nname = "theirs"\n').text == ""


def test_a_checkout_of_the_template_is_the_template(tmp_path: Path) -> None:
    (tmp_path / "cookiecutter.json").write_text("{}", encoding="utf-8")
    assert find_template(tmp_path) == str(tmp_path)


def test_elsewhere_the_template_must_be_given(tmp_path: Path) -> None:
    with pytest.raises(UpdateError, match="--template URL"):
        find_template(tmp_path)


def test_without_tomlkit_the_command_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "find_spec", lambda _name: None)
    cli.main(["project"])
    assert "Install it: pip install tomlkit" in capsys.readouterr().err


def test_a_directory_without_a_repository_is_refused(project: Path) -> None:
    command = [sys.executable, "-m", "hangar_devkit", "adopt", str(project), "--template=x"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "is not a git repository" in done.stderr


def test_a_missing_directory_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["no/such/project", "--template=x"])
    assert capsys.readouterr().err == "hangar adopt: no/such/project is not a directory\n"
