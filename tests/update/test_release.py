"""A release is refused while a project of an earlier one could not follow."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import release
from tests.support.series import append, build, commit, git, replace
from tests.support.template import ROOT, SOURCE

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


def test_the_tag_publishes_the_wheel_of_the_template(template: Path, tmp_path: Path) -> None:
    release.collect(template, "v1.1.0", tmp_path / "dist")
    (carried,) = template.glob("*/tools/*.whl")
    assert (tmp_path / "dist" / carried.name).read_bytes() == carried.read_bytes()


def test_the_tag_publishes_the_section_of_the_changelog(template: Path, tmp_path: Path) -> None:
    release.collect(template, "v1.1.0", tmp_path / "dist")
    notes = (tmp_path / "dist/release-notes.md").read_text(encoding="utf-8")
    assert notes.startswith("- ")


def test_a_tag_of_another_version_publishes_nothing(template: Path, tmp_path: Path) -> None:
    release.collect(template, "v9.0.0", tmp_path / "dist")
    assert not (tmp_path / "dist").exists()


def test_a_pin_younger_than_the_cooldown_is_refused(template: Path) -> None:
    replace(
        template / SOURCE.name / "pyproject.toml",
        'exclude-newer = "7 days"',
        'exclude-newer = "2000-01-01T00:00:00Z"',
    )
    assert (
        release.young_pins(template)[0] == "a pin of devkit is younger than 2000-01-01T00:00:00Z:"
    )


def test_the_pins_are_old_enough() -> None:
    assert release.young_pins(ROOT) == []


def test_a_project_that_is_not_green_is_refused(template: Path) -> None:
    append(
        template / SOURCE.name / "tests/test_utils.py",
        "\n\ndef test_red() -> None:\n    assert 0\n",
    )
    commit(template, "Break the tests")
    assert release.red_project(template, "tests")[0] == "a new project is not green:"
