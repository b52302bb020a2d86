"""The outcome of a hostile answer is classified, and nothing outside its own tree is written."""

import json
from pathlib import Path

import pytest

from benchmarks.hostile import Outcome, attempt

REFUSES = "import sys\nsys.exit('no')\n"
BREAKS = "raise ValueError('no')\n"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template that asks for a name and a description, and escapes neither."""
    asked = {"name": "sample", "description": "plain", "author": "plain"}
    (tmp_path / "cookiecutter.json").write_text(json.dumps(asked), encoding="utf-8")
    manifest = tmp_path / "{{cookiecutter.name}}" / "pyproject.toml"
    manifest.parent.mkdir()
    text = 'd = "{{cookiecutter.description}}"\na = "{{cookiecutter.author}}"\n'
    manifest.write_text(text, encoding="utf-8")
    (tmp_path / "hooks").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("fine", Outcome(True, False, False, False, kept=True)),
        ('a"b', Outcome(True, False, False, False, broken=True)),
        (r"\u0041", Outcome(True, False, False, False, kept=False)),
        ("{{ nobody.knows }}", Outcome(False, False, False, False)),
        ("{{", Outcome(False, True, False, False)),
    ],
)
def test_a_text(template: Path, text: str, outcome: Outcome) -> None:
    assert attempt(template, {"description": text, "author": text}, text) == outcome


@pytest.mark.parametrize(
    ("hook", "outcome"),
    [(REFUSES, Outcome(False, False, True, False)), (BREAKS, Outcome(False, True, False, False))],
)
def test_a_hook(template: Path, hook: str, outcome: Outcome) -> None:
    (template / "hooks" / "pre_gen_project.py").write_text(hook, encoding="utf-8")
    assert attempt(template, {}) == outcome


@pytest.mark.parametrize("name", ["/abs", "../beside", "/", "~"])
def test_a_name_stays_in_the_tree(template: Path, name: str) -> None:
    attempt(template, {"name": name})
    assert not any(Path(place).exists() for place in ("/abs", "/pyproject.toml"))


@pytest.mark.parametrize("name", ["/abs", "../beside"])
def test_files_outside_the_project_are_detected(template: Path, name: str) -> None:
    assert attempt(template, {"name": name}).litter
