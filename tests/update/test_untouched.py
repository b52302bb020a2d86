"""A project that nobody touched becomes what a fresh rendering of the newest release is."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.projects import Factory, contents, cruft, git, update
from tests.support.series import NEWEST, RELEASES

pytestmark = pytest.mark.slow

ANSWERS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "other": {
        "project_name": 'Ünï "quoted" \\ 🚀',
        "project_slug": "other",
        "license": "Proprietary",
        "ci": "gitlab",
        "ml_pipeline": True,
    },
}
LATER: dict[str, dict[str, Any]] = {
    "defaults": {},
    "other": {"license": "Closed", "forge": "gitlab"},
}


def later(answers: str) -> dict[str, Any]:
    """The answers that a fresh project of the newest release gives."""
    old = {name: value for name, value in ANSWERS[answers].items() if name != "ci"}
    return {**old, **LATER[answers]}


def at(answers: str, tag: str) -> dict[str, Any]:
    """The answers in the words of a release."""
    return ANSWERS[answers] if tag < "v1.2.0" else later(answers)


@pytest.fixture(scope="module", params=[(t, a) for t in RELEASES[:-1] for a in ANSWERS], ids=str)
def case(
    request: pytest.FixtureRequest, factory: Factory, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path, str]:
    """An updated project, a fresh one, and what the update output."""
    tag, answers = request.param
    project = factory.project(tmp_path_factory.mktemp("case") / "p", tag, **at(answers, tag))
    done = update(project)
    assert done.returncode == 0, done.stdout + done.stderr
    return project, factory.rendering(NEWEST, later(answers)), done.stdout


def test_every_file_of_the_template_is_the_newest(case: tuple[Path, Path, str]) -> None:
    project, fresh, _ = case
    assert contents(project) == contents(fresh)


def test_the_link_is_that_of_a_fresh_project(case: tuple[Path, Path, str]) -> None:
    project, fresh, _ = case
    assert (project / ".cruft.json").read_text() == (fresh / ".cruft.json").read_text()


def test_new_files_in_your_paths_are_there(case: tuple[Path, Path, str]) -> None:
    project, fresh, _ = case
    assert contents(fresh, of="you").keys() - contents(project, of="you").keys() == set()


def test_cruft_finds_it_up_to_date(case: tuple[Path, Path, str]) -> None:
    assert cruft(case[0], "check").returncode == 0


def test_cruft_finds_no_difference(case: tuple[Path, Path, str]) -> None:
    assert cruft(case[0], "diff", "--exit-code").stdout == ""


def test_everything_is_in_the_index(case: tuple[Path, Path, str]) -> None:
    assert git(case[0], "diff", "--name-only") == ""


def test_a_second_update_has_nothing_to_do(case: tuple[Path, Path, str]) -> None:
    git(case[0], "commit", "--all", "--quiet", "--message", "Update")
    assert update(case[0]).stdout == f"Nothing to do: the project is at {NEWEST}.\n"
