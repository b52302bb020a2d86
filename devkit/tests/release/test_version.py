"""The version of a release: chosen, refused and written."""

import contextlib
from pathlib import Path

import pytest

from hangar_devkit.release.cut import choose
from hangar_devkit.release.project import load, set_version
from hangar_devkit.releases import ReleaseError

from .conftest import git


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("major", "2.0.0"), ("minor", "1.3.0"), ("patch", "1.2.10"), ("1.2.10", "1.2.10")],
)
def test_next_version(project: Path, wanted: str, expected: str) -> None:
    git(project, "tag", "v1.2.9")
    assert choose(load(project), wanted) == expected


def test_first_version_is_raised_from_the_one_in_pyproject(project: Path) -> None:
    assert choose(load(project), "minor") == "0.2.0"


@pytest.mark.parametrize("wanted", ["1.2.9", "1.2.8", "0.9.0"])
def test_a_version_that_is_not_higher_is_refused(project: Path, wanted: str) -> None:
    git(project, "tag", "v1.2.9")
    with pytest.raises(ReleaseError, match=r"not higher than v1\.2\.9.*the next is 1\.2\.10"):
        choose(load(project), wanted)


@pytest.mark.parametrize("wanted", ["1.2", "1.2.3.4", "1.2.3rc1", "one", ""])
def test_what_is_not_a_version_is_refused(project: Path, wanted: str) -> None:
    with pytest.raises(ReleaseError, match=r"is not a version of the form X\.Y\.Z"):
        choose(load(project), wanted)


def test_version_is_written(project: Path) -> None:
    set_version(project, "0.2.0", "2026-02-01")
    assert load(project).version == "0.2.0"


def test_versions_of_other_tables_are_left_alone(project: Path) -> None:
    set_version(project, "0.2.0", "2026-02-01")
    assert load(project).document["tool"]["other"]["version"] == "9.9.9"


def test_changelog_is_dated(project: Path) -> None:
    set_version(project, "0.2.0", "2026-02-01")
    assert load(project).notes() == "- New."


def test_an_empty_changelog_is_refused(project: Path) -> None:
    (project / "CHANGELOG.md").write_text("## Unreleased\n", encoding="utf-8")
    with pytest.raises(ReleaseError, match=r"section for 0\.2\.0 is empty"):
        set_version(project, "0.2.0", "2026-02-01")


def test_a_refused_changelog_leaves_the_version(project: Path) -> None:
    (project / "CHANGELOG.md").write_text("## Unreleased\n", encoding="utf-8")
    with contextlib.suppress(ReleaseError):
        set_version(project, "0.2.0", "2026-02-01")
    assert load(project).version == "0.1.0"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[project]\nname = "x"\n', "has no `version`"),
        ('[project]\nversion = "1"\n[tool.hangar]\npublish = "all"\n', "publish is 'all'"),
    ],
)
def test_a_project_that_cannot_be_released_is_refused(
    project: Path, text: str, message: str
) -> None:
    (project / "pyproject.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ReleaseError, match=message):
        load(project)
