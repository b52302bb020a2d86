"""`--check` asks the template's repository once and says what it knows."""

import json
import shutil
from pathlib import Path

import pytest

from tests.support.projects import Factory, commit, git, update
from tests.support.series import NEWEST

pytestmark = pytest.mark.slow


def test_a_newer_release_is_reported(factory: Factory, tmp_path: Path) -> None:
    project = factory.project(tmp_path / "p", "v1.0.0")
    done = update(project, "--check")
    reported = "v2.0.0 is available; the project has v1.0.0. Run: nox -s update\n"
    assert (done.returncode, done.stdout) == (1, reported)


def test_the_newest_release_is_fresh(factory: Factory, tmp_path: Path) -> None:
    done = update(factory.project(tmp_path / "p", NEWEST), "--check")
    assert (done.returncode, done.stdout) == (0, "Up to date: v2.0.0 is the newest release.\n")


def test_a_commit_after_the_newest_release_is_fresh(factory: Factory, tmp_path: Path) -> None:
    project = factory.project(tmp_path / "p", NEWEST)
    link = project / ".cruft.json"
    link.write_text(json.dumps({**json.loads(link.read_text()), "commit": "1" * 40}))
    assert update(project, "--check").returncode == 0


def test_a_dirty_tree_can_be_checked(factory: Factory, tmp_path: Path) -> None:
    project = factory.project(tmp_path / "p", NEWEST)
    (project / "stray.txt").touch()
    assert update(project, "--check").returncode == 0


def test_no_answer_is_not_fresh(factory: Factory, tmp_path: Path) -> None:
    template = shutil.copytree(factory.template, tmp_path / "t")
    own = Factory(template, tmp_path)
    project = own.project(tmp_path / "p", NEWEST)
    shutil.rmtree(template)
    done = update(project, "--check")
    assert (done.returncode, "Could not ask" in done.stderr) == (2, True)


def test_a_template_without_a_release_is_reported(factory: Factory, tmp_path: Path) -> None:
    project = factory.project(tmp_path / "p", NEWEST)
    bare = tmp_path / "bare"
    git(tmp_path, "clone", "--quiet", "--bare", str(factory.template), str(bare))
    git(bare, "tag", "--delete", *git(bare, "tag").split())
    link = project / ".cruft.json"
    link.write_text(json.dumps({**json.loads(link.read_text()), "template": str(bare)}))
    commit(project, "Move")
    assert "has no release" in update(project, "--check").stderr
