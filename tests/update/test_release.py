"""A release is refused while a project of an earlier one could not follow."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import release
from tests.support.series import append, build, commit, git, replace

pytestmark = pytest.mark.slow

Change = Callable[[Path], None]


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("release") / "template")


@pytest.fixture
def template(series: Path, tmp_path: Path) -> Path:
    """A template whose newest tag is v1.0.0 and whose last commit is to be v1.1.0."""
    git(tmp_path, "clone", "--quiet", "--branch=v1.1.0", str(series), "template")
    template = tmp_path / "template"
    git(template, "tag", "--delete", "v1.1.0", "v1.2.0", "v2.0.0")
    return template


def test_what_converges_is_released(template: Path) -> None:
    assert release.problems(template, "1.1.0") == []


def undeclared(template: Path) -> None:
    questions = template / "cookiecutter.json"
    replace(questions, '  "ml_pipeline": false,', '  "ml_pipeline": false,\n  "tone": "brief",')


def dropped(template: Path) -> None:
    replace(template / "cookiecutter.json", '"BSD-3-Clause", ', "")
    replace(template / "cookiecutter.json", '      "BSD-3-Clause": "BSD', '      "X": "BSD')


def renamed(template: Path) -> None:
    replace(template / "cookiecutter.json", '  "ml_pipeline": false,', '  "pipeline": false,')


def old_number(template: Path) -> None:
    replace(template / "pyproject.toml", 'version = "1.1.0"', 'version = "1.0.0"')


def no_news(template: Path) -> None:
    replace(template / "CHANGELOG.md", "## 1.1.0", "## Later")


def impure(template: Path) -> None:
    append(
        template / "hooks" / "post_gen_project.py",
        "    import time\n    open('tools/clock', 'w').write(str(time.time_ns()))\n",
    )


REFUSED: dict[str, tuple[Change, str]] = {
    "a new answer without a migration": (undeclared, "tone is new"),
    "a dropped choice": (dropped, "license = BSD-3-Clause is no longer offered"),
    "a renamed answer": (renamed, "ml_pipeline is no longer asked"),
    "a version that is not stated": (old_number, "pyproject.toml states version 1.0.0"),
    "an empty changelog": (no_news, "CHANGELOG.md has no section for 1.1.0"),
    "a rendering that is not pure": (impure, "tools/clock differs"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(template: Path, name: str) -> None:
    change, words = REFUSED[name]
    change(template)
    commit(template, name)
    assert words in "\n".join(release.problems(template, "1.1.0"))


def test_a_dirty_tree_is_refused(template: Path) -> None:
    append(template / "README.md", "more\n")
    assert release.problems(template, "1.1.0") == ["the tree has changes that are not committed"]


def test_a_released_version_is_refused(template: Path) -> None:
    assert release.problems(template, "1.0.0") == ["v1.0.0 is released already"]


def test_words_are_no_version(template: Path) -> None:
    assert "is not a version" in release.problems(template, "next")[0]
