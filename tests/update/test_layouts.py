"""A project of the old layout, with modules of its own, reaches the new one by one command."""

import subprocess
from pathlib import Path

import pytest

from scripts.converge import make_project
from tests.support.edits import DELETED, KEPT, typical
from tests.support.layouts import NEXT, build, release
from tests.support.projects import commit, files, git, run
from tests.support.series import append

pytestmark = pytest.mark.slow

OURS = {
    "tests/test_ours_too.py": '''\
"""Our own tests, on devkit."""

import random

import devkit.contracts.strategies
from devkit.contracts.doubles import double
from devkit.contracts.examples import example
from devkit.history import plugin
from pydantic import BaseModel


class Row(BaseModel):
    """A row of ours."""

    number: int


class Source:
    """A source of rows."""

    def read(self) -> int:
        """Read."""
        return 1


def test_example() -> None:
    assert isinstance(example(Row, random.Random(1)).number, int)


def test_double() -> None:
    assert double(Source, Source()).read() == 1


def test_modules() -> None:
    assert devkit.contracts.strategies.__name__.startswith(plugin.__name__.partition(".")[0])
''',
    "nox_local.py": '''\
"""Our sessions."""

import nox


@nox.session
def ours(session: nox.Session) -> None:
    """Check what only we check."""
    session.run("uv", "run", "contracts", "--drift", external=True)
    session.run("python", "tools/preflight.py", "--help", external=True)
''',
    "scripts/check.sh": "#!/bin/sh\nuv run triage --json\n",
}


def documented(template: Path) -> list[str]:
    """Return the command that docs/explanation/updates.md gives, for a template in a directory."""
    source = f"git+{template.as_uri()}#subdirectory=devkit"
    return ["uvx", "--quiet", "--from", source, "hangar", "update"]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("layouts"))


def edited(template: Path, project: Path) -> Path:
    """Make a project of the last old layout, with the usual edits and modules of its own."""
    project.parent.mkdir(exist_ok=True)
    make_project(project, template, release(template, "main"), {})
    typical(project, places={})  # the old layout marked none of these
    for name, text in OURS.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    (project / "scripts" / "check.sh").chmod(0o755)
    locked = run(project, "uv", "lock", "--quiet")
    assert locked.returncode == 0, locked.stderr
    commit(project, "Edits")
    return project


Updated = tuple[Path, subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def updated(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Updated:
    project = edited(template, tmp_path_factory.mktemp("old") / "updated" / "project")
    return project, run(project, *documented(template))


@pytest.fixture(scope="module")
def refused(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Updated:
    """A project of the last old layout whose own session was tried."""
    project = edited(template, tmp_path_factory.mktemp("own") / "updated" / "project")
    return project, run(project, "uvx", "nox", "-s", "update")


def test_the_old_session_gives_the_command(refused: Updated, template: Path) -> None:
    command = f"uvx --from 'git+{template.as_uri()}#subdirectory=devkit' hangar update"
    assert command in refused[1].stdout + refused[1].stderr


def test_the_old_session_fails(refused: Updated) -> None:
    assert refused[1].returncode != 0


def test_the_old_session_changes_nothing(refused: Updated) -> None:
    assert git(refused[0], "status", "--porcelain", "--untracked-files=no") == ""


def test_it_ends_well(updated: Updated) -> None:
    assert updated[1].returncode == 0, updated[1].stdout + updated[1].stderr


def test_nothing_is_left_of_the_old_layout(updated: Updated) -> None:
    assert git(updated[0], "ls-files", "tools/devkit", "tools/preflight.py") == ""


@pytest.mark.parametrize("path", sorted(KEPT.keys() - {"nox_local.py"}))
def test_edit_is_kept(updated: Updated, path: str) -> None:
    assert KEPT[path] in (updated[0] / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DELETED)
def test_deleted_file_stays_deleted(updated: Updated, path: str) -> None:
    assert not (updated[0] / path).exists()


def test_everything_that_was_written_is_staged(updated: Updated) -> None:
    assert git(updated[0], "status", "--porcelain", "--untracked-files=all").count("??") == 0


def test_the_session_of_the_user_runs(updated: Updated) -> None:
    done = run(updated[0], "uvx", "nox", "-s", "ours")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_tests_of_the_user_pass(updated: Updated) -> None:
    done = run(updated[0], "uvx", "nox", "-s", "tests")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_script_of_the_user_is_rewritten(updated: Updated) -> None:
    assert "\nuv run hangar triage --json\n" in (updated[0] / "scripts" / "check.sh").read_text()


@pytest.fixture(scope="module")
def first(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Updated:
    """A project of v0.1.0 with a test of its own, after the documented command."""
    project = tmp_path_factory.mktemp("first") / "updated" / "project"
    project.parent.mkdir()
    make_project(project, template, release(template, "v0.1.0"), {})
    (project / "tests" / "test_ours.py").write_text(
        '"""Ours."""\n\nimport devkit\n\n\ndef test_ours() -> None:\n    assert devkit.__doc__\n'
    )
    append(project / "README.md", "Ours.\n")
    renovate = project / "renovate.json"
    renovate.write_text(renovate.read_text().replace('"7 days"', '"14 days",\n  "timezone": "UTC"'))
    commit(project, "Edits")
    return project, run(project, *documented(template), "--no-checks")


def test_the_first_release_reaches_the_new_layout(first: Updated) -> None:
    assert first[1].returncode == 0, first[1].stdout + first[1].stderr


def test_the_first_release_leaves_nothing_behind(first: Updated) -> None:
    left = [
        name for name in files(first[0]) if name.startswith(("tools/devkit", "tools/pyproject"))
    ]
    assert left == []


def test_the_tests_that_a_first_project_had_pass(first: Updated) -> None:
    # The tests of the new example arrive too. They need its schema; the project keeps its own.
    own = ("tests/test_cli.py", "tests/test_ours.py")
    done = run(first[0], "uvx", "nox", "-s", "tests", "--", *own)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_settings_of_renovate_that_a_first_project_had_are_moved(first: Updated) -> None:
    text = (first[0] / "renovate.json5").read_text(encoding="utf-8")
    assert text.count('  "minimumReleaseAge": "14 days",\n  "timezone": "UTC",\n') == 1


def test_an_older_project_has_the_next_version(first: Updated) -> None:
    assert NEXT in (first[0] / ".cruft.json").read_text(encoding="utf-8")


def test_an_update_that_was_killed_between_the_layouts_is_reported(
    template: Path, tmp_path: Path
) -> None:
    project = tmp_path / "updated" / "project"
    project.parent.mkdir()
    make_project(project, template, release(template, "main"), {})
    (project / ".git" / "hangar-update").write_text(f"{NEXT}\n", encoding="utf-8")
    (project / "tools" / "pyproject.toml").unlink()
    done = run(project, *documented(template))
    assert f"An update to {NEXT} was killed" in done.stderr
