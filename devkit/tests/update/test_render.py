"""The renderer renders as cruft does, with the version that the suite compares with."""

import json
from importlib.metadata import version
from pathlib import Path

from cruft._commands.utils.cookiecutter import generate_cookiecutter_context

from hangar_devkit.update.render import make_context
from hangar_devkit.update.rendering import COOKIECUTTER


def test_the_suite_has_the_same_version() -> None:
    assert f"cookiecutter=={version('cookiecutter')}" == COOKIECUTTER


def test_the_context_is_that_of_cruft(tmp_path: Path) -> None:
    (tmp_path / "{{cookiecutter.slug}}").mkdir()
    questions = {
        "name": "A b",
        "slug": "{{cookiecutter.name|lower}}",
        "c": ["x", "y"],
        "_p": "z",
        "yes": True,
        "d": {"k": "{{cookiecutter.slug}}"},
    }
    (tmp_path / "cookiecutter.json").write_text(json.dumps(questions), encoding="utf-8")
    given = {"name": "Ünï", "c": "y", "yes": False, "_existing_names": True}
    theirs = generate_cookiecutter_context("t", "c0", tmp_path, extra_context=given, no_input=True)
    assert make_context("t", "c0", tmp_path, given) == theirs
