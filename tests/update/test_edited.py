"""A project with the usual edits takes every release: no conflict, no edit lost, none left out."""

import shutil
from pathlib import Path

import pytest

from tests.support.edits import ADDED, DELETED, KEPT, LINES, PLACES, typical
from tests.support.projects import Factory, commit, contents, git, update
from tests.support.series import NEWEST, RELEASES

pytestmark = pytest.mark.slow

CLONES: dict[str, tuple[str, ...]] = {
    "the clone that made it": (),
    "a fresh clone": ("clone", "--quiet"),
    "a shallow clone": ("clone", "--quiet", "--depth=1"),
}
EDITED = {"SECURITY.md", *KEPT, *PLACES, *ADDED}


@pytest.fixture(scope="module", params=zip(RELEASES[:-1], CLONES, strict=True), ids=str)
def updated(
    request: pytest.FixtureRequest, factory: Factory, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """A project with edits, made from a release and updated, in one clone of clone."""
    tag, clone = request.param
    directory = tmp_path_factory.mktemp("edited")
    project = factory.project(directory / "origin", tag)
    typical(project)
    commit(project, "Edits")
    if CLONES[clone]:
        git(directory, *CLONES[clone], project.as_uri(), "clone")
        shutil.rmtree(project)
        project = directory / "clone"
    done = update(project)
    assert done.returncode == 0, done.stdout + done.stderr
    return project, done.stdout


@pytest.mark.parametrize("path", KEPT)
def test_edit_is_kept(updated: tuple[Path, str], path: str) -> None:
    assert KEPT[path] in (updated[0] / path).read_text(encoding="utf-8")


@pytest.mark.parametrize(("path", "line"), LINES.values(), ids=LINES)
def test_line_in_a_marked_place_is_kept(updated: tuple[Path, str], path: str, line: str) -> None:
    assert line in (updated[0] / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DELETED)
def test_deleted_file_stays_deleted(updated: tuple[Path, str], path: str) -> None:
    assert not (updated[0] / path).exists()


@pytest.mark.parametrize("path", ADDED)
def test_change_of_the_template_arrives(updated: tuple[Path, str], path: str) -> None:
    assert ADDED[path] in (updated[0] / path).read_text(encoding="utf-8")


def test_files_without_edits_are_the_newest(updated: tuple[Path, str], factory: Factory) -> None:
    fresh = contents(factory.rendering(NEWEST, {}))
    found = contents(updated[0])
    assert {path: found.get(path) for path in fresh.keys() - EDITED} == {
        path: fresh[path] for path in fresh.keys() - EDITED
    }


def test_no_conflict_is_left(updated: tuple[Path, str]) -> None:
    assert git(updated[0], "ls-files", "--unmerged") == ""


def test_template_changes_that_meet_a_deleted_file_are_reported(
    factory: Factory, tmp_path: Path
) -> None:
    project = factory.project(tmp_path / "p", "v1.0.0")
    (project / "SECURITY.md").unlink()
    commit(project, "Edit")
    assert "SECURITY.md: you deleted it" in update(project).stdout
