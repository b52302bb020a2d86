"""An update that cannot be made says why and what to do, and changes nothing."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.projects import Factory, commit, files, git, update
from tests.support.series import append, build

pytestmark = pytest.mark.slow


def link(project: Path, **changed: object) -> None:
    """Change the link and commit it."""
    file = project / ".cruft.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changed}), encoding="utf-8")
    commit(project, "Change the link")


def dirty(project: Path) -> None:
    append(project / "README.md", "not committed\n")


def untracked(project: Path) -> None:
    (project / "stray.txt").write_text("stray\n", encoding="utf-8")


def unlinked(project: Path) -> None:
    (project / ".cruft.json").unlink()
    commit(project, "Unlink")


def garbled(project: Path) -> None:
    (project / ".cruft.json").write_text("<<<<<<< HEAD\n", encoding="utf-8")
    commit(project, "Garble")


def unreachable(project: Path) -> None:
    link(project, template="/no/such/template")


def lost_commit(project: Path) -> None:
    link(project, commit="0" * 39 + "1")


def broken_manifest(project: Path) -> None:
    append(project / "pyproject.toml", "[broken\n")
    commit(project, "Break")


def in_the_way(project: Path) -> None:
    append(project / ".gitignore", "coming.txt\n")
    commit(project, "Ignore")
    (project / "tools" / "coming.txt").write_text("a secret\n", encoding="utf-8")


def way_is_a_file(project: Path) -> None:
    append(project / ".gitignore", "tools/script\n")
    commit(project, "Ignore")
    (project / "tools" / "script").mkdir()
    (project / "tools" / "script" / "x").write_text("ours\n", encoding="utf-8")


def merging(project: Path) -> None:
    head = git(project, "rev-parse", "HEAD")
    (project / ".git" / "MERGE_HEAD").write_text(head, encoding="utf-8")


def locked(project: Path) -> None:
    (project / ".git" / "index.lock").touch()


def unborn(project: Path) -> None:
    git(project, "update-ref", "-d", "HEAD")


NOTHING: tuple[str, ...] = ()
REFUSED: dict[str, tuple[Callable[[Path], None], tuple[str, ...], str]] = {
    "a change": (dirty, NOTHING, "not committed:\n   M README.md"),
    "an untracked file": (untracked, NOTHING, "?? stray.txt"),
    "no link": (unlinked, NOTHING, ".cruft.json is missing"),
    "a garbled link": (garbled, NOTHING, "git checkout HEAD -- .cruft.json"),
    "no template": (unreachable, NOTHING, "Could not ask /no/such/template"),
    "a lost commit": (lost_commit, NOTHING, "no longer has commit"),
    "a broken manifest": (broken_manifest, NOTHING, "pyproject.toml cannot be read"),
    "an ignored file": (in_the_way, ("--to", "v1.1.0"), "tools/coming.txt"),
    "an ignored directory": (way_is_a_file, ("--to", "v1.2.0"), "tools/script"),
    "a merge": (merging, NOTHING, "MERGE_HEAD"),
    "a locked index": (locked, NOTHING, "index.lock exists"),
    "no commit": (unborn, NOTHING, "has no commit yet"),
    "no such release": (lambda _: None, ("--to", "v9.9.9"), "no release v9.9.9"),
    "an answer nobody asks for": (lambda _: None, ("--answer", "x=1"), "does not ask for x"),
    "a choice that is not offered": (
        *(lambda _: None, ("--answer", "license=GPL")),
        "one of MIT",
    ),
    "an answer that is refused": (
        *(lambda _: None, ("--answer", "package_name=class")),
        "is a keyword",
    ),
    "a taken branch": (lambda _: None, ("--branch", "main"), "There is a branch main already"),
    "no branch name": (lambda _: None, ("--branch", "a..b"), "not a name for a branch"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(factory: Factory, tmp_path: Path, name: str) -> None:
    change, arguments, words = REFUSED[name]
    project = factory.project(tmp_path / "p", "v1.0.0")
    change(project)
    before = {path: (project / path).read_bytes() for path in files(project)}
    done = update(project, *arguments)
    after = {path: (project / path).read_bytes() for path in files(project)}
    found = (done.returncode, words in done.stderr, "Traceback" in done.stderr, after == before)
    assert found == (2, True, False, True), done.stderr


def test_a_directory_without_git_is_refused(factory: Factory, tmp_path: Path) -> None:
    project = factory.project(tmp_path / "p", "v1.0.0")
    (project / ".git").rename(tmp_path / "git")
    ceiling = {"GIT_CEILING_DIRECTORIES": str(tmp_path)}
    assert "is not a git repository" in update(project, environment=ceiling).stderr


def test_a_downgrade_is_refused(factory: Factory, tmp_path: Path) -> None:
    project = factory.project(tmp_path / "p", "v1.1.0")
    assert "forward only" in update(project, "--to", "v1.0.0").stderr


def test_no_uv_is_reported(factory: Factory, tmp_path: Path) -> None:
    project = factory.project(tmp_path / "p", "v1.0.0")
    directory = tmp_path / "bin"
    directory.mkdir()
    found = next(Path(d, "git") for d in os.get_exec_path() if Path(d, "git").exists())
    (directory / "git").symlink_to(found)
    assert "uv is not on PATH" in update(project, environment={"PATH": str(directory)}).stderr


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Factory:
    """A template whose newest release has a migration that fails."""
    directory = tmp_path_factory.mktemp("broken")
    template = build(directory / "template")
    script = template / "migrations" / "v2.0.0" / "migrate.py"
    script.write_text('open("README.md", "w").close()\nraise SystemExit("no such luck")\n')
    commit(template, "Break")
    git(template, "tag", "--force", "--annotate", "--message=v2.0.0", "v2.0.0")
    return Factory(template, directory)


def test_a_migration_that_fails_is_reported(broken: Factory, tmp_path: Path) -> None:
    project = broken.project(tmp_path / "p", "v1.0.0")
    assert "migrations/v2.0.0/migrate.py failed" in update(project).stderr


def test_a_migration_that_fails_changes_nothing(broken: Factory, tmp_path: Path) -> None:
    project = broken.project(tmp_path / "p", "v1.0.0")
    update(project)
    compiled = (":!tools/devkit", ":!tools/__pycache__")  # what the updater itself was compiled to
    assert git(project, "status", "--porcelain", "--ignored", "--", *compiled) == ""
