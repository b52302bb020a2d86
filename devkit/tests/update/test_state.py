"""The link to the template, as cruft reads and writes it."""

import json
import subprocess
from pathlib import Path

import pytest

from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.state import TemplateState, own_version, read_state
from hangar_devkit.update.worktree import Journal

DATA = {
    "template": "https://example.com/t",
    "commit": "a" * 40,
    "checkout": None,
    "context": {"cookiecutter": {"name": "Ünï 🚀", "_template": "x", "__private": "y"}},
    "directory": None,
    "skip": ["kept"],
}


def test_text_is_what_cruft_writes() -> None:
    from cruft._commands.utils.cruft import json_dumps

    assert TemplateState(DATA).text() == json_dumps(DATA)


def test_answers_are_what_a_person_gave() -> None:
    assert TemplateState(DATA).answers == {"name": "Ünï 🚀"}


def test_moving_keeps_what_is_not_ours() -> None:
    moved = TemplateState(DATA).at("b" * 40, "v1.0.0", {"cookiecutter": {}})
    assert moved.data == {
        **DATA,
        "commit": "b" * 40,
        "checkout": "v1.0.0",
        "context": {"cookiecutter": {}},
    }


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        json.dumps({**DATA, "commit": "main"}),
        json.dumps({**DATA, "context": {}}),
        json.dumps({**DATA, "context": {"cookiecutter": []}}),
        json.dumps({**DATA, "template": "--exec=evil"}),
    ],
)
def test_a_link_that_cannot_be_used_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / ".cruft.json").write_text(text, encoding="utf-8")
    with pytest.raises(UpdateError, match="cannot be read"):
        read_state(tmp_path)


def test_the_way_back_runs_nothing_that_a_directory_is_named_after(tmp_path: Path) -> None:
    place = tmp_path / "$(touch evil) `touch evil` it's"
    place.mkdir()
    subprocess.run(["git", "init", "--quiet"], cwd=place, check=True)
    command = Journal(place / ".git", str(place)).way_back()
    subprocess.run(command, shell=True, cwd=tmp_path, check=False, capture_output=True)  # noqa: S602
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("text", ["", "[project]\n", "[broken"])
def test_a_version_that_is_not_stated_is_unknown(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert own_version(tmp_path) == ""
