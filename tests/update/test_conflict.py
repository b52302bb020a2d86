"""Edits of the template's files are merged and reported, or a conflict is named; none is lost."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.projects import Factory, commit, files, git, update
from tests.support.series import append, replace

pytestmark = pytest.mark.slow

Edit = Callable[[Path], None]


def same_line(project: Path) -> None:
    """Edit the line that v1.1.0 edits."""
    append(project / "tools" / "ruff.toml", "# our own last line\n")


def dropped_file(project: Path) -> None:
    """Edit the file that v1.1.0 removes."""
    replace(project / "tools" / "going.txt", "goes", "is ours")


def same_name(project: Path) -> None:
    """Make a file where v1.1.0 makes one."""
    (project / "tools" / "coming.txt").write_text("Ours came first.\n", encoding="utf-8")


CONFLICTS: dict[str, tuple[Edit, str, str]] = {
    "the same line": (same_line, "tools/ruff.toml", "# our own last line"),
    "a dropped file": (dropped_file, "tools/going.txt", "is ours"),
    "the same new name": (same_name, "tools/coming.txt", "Ours came first."),
}


@pytest.fixture(scope="module", params=CONFLICTS)
def conflict(
    request: pytest.FixtureRequest, factory: Factory, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str, str, int, str]:
    """A project after an update with a conflict: path, the user's words, exit code, output."""
    edit, path, words = CONFLICTS[request.param]
    project = factory.project(tmp_path_factory.mktemp("conflict") / "p", "v1.0.0")
    edit(project)
    commit(project, "Edit")
    done = update(project, "--to", "v1.1.0")
    return project, path, words, done.returncode, done.stderr


Conflict = tuple[Path, str, str, int, str]


def test_conflict_ends_non_zero(conflict: Conflict) -> None:
    assert conflict[3] == 1


def test_conflict_is_named(conflict: Conflict) -> None:
    assert f"{conflict[1]}: conflict" in conflict[4]


def test_the_users_side_is_in_the_tree(conflict: Conflict) -> None:
    assert conflict[2] in (conflict[0] / conflict[1]).read_text(encoding="utf-8")


def test_git_knows_the_conflict(conflict: Conflict) -> None:
    assert conflict[1] in git(conflict[0], "ls-files", "--unmerged")


def test_the_rest_of_the_update_arrives(conflict: Conflict) -> None:
    assert "since v1.1.0" in (conflict[0] / "mkdocs.yml").read_text() or (
        "use_directory_urls" in (conflict[0] / "mkdocs.yml").read_text()
    )


def test_an_update_before_it_is_resolved_is_refused(conflict: Conflict) -> None:
    assert "The update to v1.1.0 has conflicts" in update(conflict[0]).stderr


@pytest.mark.parametrize("name", CONFLICTS)
def test_the_printed_command_takes_it_back(factory: Factory, tmp_path: Path, name: str) -> None:
    project = factory.project(tmp_path / "p", "v1.0.0")
    CONFLICTS[name][0](project)
    commit(project, "Edit")
    before = {path: (project / path).read_bytes() for path in files(project)}
    output = update(project, "--to", "v1.1.0").stderr
    command = output.rsplit("go back: ", 1)[1].split()
    git(project, *command[1:])
    assert {path: (project / path).read_bytes() for path in files(project)} == before


def test_markers_name_the_release(factory: Factory, tmp_path: Path) -> None:
    project = factory.project(tmp_path / "p", "v1.0.0")
    same_line(project)
    commit(project, "Edit")
    update(project, "--to", "v1.1.0")
    assert ">>>>>>> v1.1.0" in (project / "tools" / "ruff.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def merged(factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A file that was edited beside an edit of the template's, and what the update printed."""
    tmp_path = tmp_path_factory.mktemp("merged")
    project = factory.project(tmp_path / "p", "v1.0.0")
    file = project / "tools" / "ruff.toml"
    file.write_text("# ours\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    commit(project, "Edit")
    return file, update(project, "--to", "v1.1.0").stdout


def test_an_edit_beside_the_templates_is_merged(merged: tuple[Path, str]) -> None:
    lines = merged[0].read_text(encoding="utf-8").splitlines()
    assert [lines[0], lines[-1]] == ["# ours", "# since v1.1.0"]


def test_a_merged_file_is_reported(merged: tuple[Path, str]) -> None:
    reported = "Files of the template that you edited; your edits were merged:\n  tools/ruff.toml"
    assert reported in merged[1]


def test_a_file_that_you_renamed_is_followed(factory: Factory, tmp_path: Path) -> None:
    project = factory.project(tmp_path / "p", "v1.2.0")
    (project / "tools" / "moved.txt").rename(project / "ours.txt")
    commit(project, "Rename")
    update(project)
    assert (project / "ours.txt").read_text(encoding="utf-8").endswith("six\n")


def test_a_file_that_you_renamed_is_reported(factory: Factory, tmp_path: Path) -> None:
    project = factory.project(tmp_path / "p", "v1.2.0")
    (project / "tools" / "moved.txt").rename(project / "ours.txt")
    commit(project, "Rename")
    assert "tools/moved.txt -> ours.txt" in update(project).stdout


def test_a_change_to_a_file_renamed_beyond_recognition_is_reported(
    factory: Factory, tmp_path: Path
) -> None:
    project = factory.project(tmp_path / "p", "v1.2.0")
    (project / "tools" / "moved.txt").unlink()
    (project / "ours.txt").write_text("another text altogether\n", encoding="utf-8")
    commit(project, "Rename and rewrite")
    assert "tools/moved.txt: you deleted it" in update(project).stdout


@pytest.fixture
def without_directory(factory: Factory, tmp_path: Path) -> tuple[Path, str]:
    """A project whose user deleted a directory in which v1.1.0 has a new file."""
    project = factory.project(tmp_path / "p", "v1.0.0")
    shutil.rmtree(project / "tools" / "quiet")
    commit(project, "Delete a directory")
    return project, update(project, "--to", "v1.1.0").stdout


def test_a_new_file_in_a_deleted_directory_is_reported(without_directory: tuple[Path, str]) -> None:
    assert "tools/quiet/new.txt: you deleted its directory" in without_directory[1]


def test_a_deleted_directory_stays_deleted(without_directory: tuple[Path, str]) -> None:
    assert not (without_directory[0] / "tools" / "quiet").exists()


def test_a_template_rename_takes_your_edits_along(factory: Factory, tmp_path: Path) -> None:
    project = factory.project(tmp_path / "p", "v1.1.0")
    replace(project / "tools" / "moving.txt", "one", "our one")
    commit(project, "Edit")
    update(project)
    assert (project / "tools" / "moved.txt").read_text() == "our one\ntwo\nthree\nfour\nfive\nsix\n"


def test_a_file_of_yours_at_a_new_name_in_your_paths_is_left(
    factory: Factory, tmp_path: Path
) -> None:
    project = factory.project(tmp_path / "p", "v1.0.0")
    (project / "tests" / "test_new.py").write_text('"""Ours."""\n', encoding="utf-8")
    commit(project, "Our own")
    update(project)
    assert (project / "tests" / "test_new.py").read_text(encoding="utf-8") == '"""Ours."""\n'


@pytest.mark.parametrize("seed", range(3))
def test_no_line_is_lost_wherever_it_was_written(
    factory: Factory, tmp_path: Path, seed: int
) -> None:
    project = factory.project(tmp_path / "p", "v1.0.0")
    dice = random.Random(seed)
    marks = {}
    for number, path in enumerate(files(project)):
        file = project / path
        if path.endswith(".json") or b"\0" in file.read_bytes():
            continue  # a line of text would break it
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        lines.insert(dice.randint(0, len(lines)), f"# our line {number}.\n")
        file.write_text("".join(lines), encoding="utf-8")
        marks[path] = f"# our line {number}."
    commit(project, "Edit everything")
    update(project)
    everything = "".join(
        (project / path).read_text(encoding="utf-8", errors="replace") for path in files(project)
    )
    assert [path for path, mark in marks.items() if mark not in everything] == []
