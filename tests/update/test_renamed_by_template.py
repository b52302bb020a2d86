"""A release that renames or drops a file of the user's leaves the user's file where it is."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.projects import commit, cruft, git

pytestmark = pytest.mark.slow

PROJECT = "{{cookiecutter.slug}}"
MANIFEST = '[project]\nname = "p"\nversion = "1"\n[tool.cruft]\nskip = ["{}.txt"]\n'
TEXT = "one\ntwo\nthree\nfour\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of a small template, updated to a release that renamed a file of the user's."""
    folder = tmp_path_factory.mktemp("renamed")
    template = folder / "template"
    (template / PROJECT).mkdir(parents=True)
    (template / "cookiecutter.json").write_text('{"slug": "p"}')
    _release(template, "v1.0.0", "old")
    done = cruft(folder, "create", str(template), "--no-input")
    assert done.returncode == 0, done.stderr
    git(folder / "p", "init", "--quiet")
    commit(folder / "p", "Start")
    (template / PROJECT / "old.txt").unlink()
    _release(template, "v2.0.0", "new")
    command = [sys.executable, "-m", "hangar_devkit", "update", "--no-checks"]
    subprocess.run(command, cwd=folder / "p", check=True)
    return folder / "p"


def _release(template: Path, tag: str, name: str) -> None:
    (template / PROJECT / "pyproject.toml").write_text(MANIFEST.format(name))
    (template / PROJECT / f"{name}.txt").write_text(TEXT)
    if not (template / ".git").exists():
        git(template, "init", "--quiet")
    commit(template, tag)
    git(template, "tag", tag)


def test_the_users_file_stays(project: Path) -> None:
    assert (project / "old.txt").read_text() == TEXT


def test_the_new_name_does_not_come_beside_it(project: Path) -> None:
    assert not (project / "new.txt").exists()
