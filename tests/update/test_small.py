"""What stands around a merge, on a template of a few files: edits, refusals, ways back, drift."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hangar_devkit.update import cli, execute
from hangar_devkit.update.errors import UpdateError
from scripts.foreign.update_cases import LINES, build_template, commit, git, render_first
from scripts.foreign.updates import (
    ENDS,
    POINTS,
    Templates,
    differences,
    in_process,
    kill_at,
    make_templates,
    read_tree,
    update_case,
)
from tests.support.git_server import GitServer

pytestmark = pytest.mark.slow


@dataclass
class Result:
    """How an update ended."""

    code: int
    out: str
    err: str


@dataclass
class Small:
    """A project of v1.0.0 of the small template."""

    root: Path
    capsys: pytest.CaptureFixture[str]

    def write(self, name: str, text: str) -> None:
        """Write a file of the project."""
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text, encoding="utf-8")

    def update(self, *arguments: str) -> Result:
        """Run the update in this process."""
        self.capsys.readouterr()
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.root)
            code = cli.main(["--no-checks", *arguments])
        out, err = self.capsys.readouterr()
        return Result(code, out, err)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with in_process():
        yield build_template(tmp_path_factory.mktemp("small") / "template", migration=True)


@pytest.fixture(scope="module")
def rendered(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render_first(template, tmp_path_factory.mktemp("rendered"))


@pytest.fixture
def project(rendered: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Small:
    root = shutil.copytree(rendered, tmp_path / "p", symlinks=True)
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root, "Start")
    return Small(root, capsys)


def test_a_file_that_is_no_longer_ignored_is_named(project: Small) -> None:
    project.write("bad.rejects", "rows\n")
    assert "no longer in .gitignore:\n  bad.rejects" in project.update().out


def test_a_directory_that_ignores_itself_is_not_named(project: Small) -> None:
    project.write(".nox/.gitignore", "*\n")
    assert "no longer in .gitignore" not in project.update().out


def test_a_file_that_is_no_longer_ignored_stays_untracked(project: Small) -> None:
    project.write("bad.rejects", "rows\n")
    project.update()
    assert git(project.root, "ls-files", "bad.rejects") == ""


@pytest.mark.parametrize("flag", ["--skip-worktree", "--assume-unchanged"])
def test_a_hidden_edit_is_refused(project: Small, flag: str) -> None:
    git(project.root, "update-index", flag, "shared.cfg")
    project.write("shared.cfg", "hidden\n")
    result = project.update()
    assert (result.code, (project.root / "shared.cfg").read_text()) == (2, "hidden\n")


def test_the_command_for_a_hidden_edit_shows_it_to_git(project: Small) -> None:
    git(project.root, "update-index", "--skip-worktree", "shared.cfg")
    project.write("shared.cfg", "hidden\n")
    command = project.update().err.strip().splitlines()[-1]
    subprocess.run(command, shell=True, cwd=project.root, check=True)  # noqa: S602
    assert git(project.root, "status", "--porcelain") == " M shared.cfg\n"


@pytest.fixture
def conflicting(project: Small) -> Small:
    """A project after an update with a conflict."""
    project.write("shared.cfg", LINES.replace("line 6\n", "ours\n"))
    commit(project.root, "Edit")
    assert project.update().code == 1
    return project


def test_a_second_update_names_the_conflict(conflicting: Small) -> None:
    assert "The update to v2.0.0 has conflicts:\n  shared.cfg" in conflicting.update().err


def test_an_update_that_is_not_committed_is_named(project: Small) -> None:
    project.update()
    assert "The update to v2.0.0 is not committed" in project.update().err


def failing_git(directory: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a git on PATH that fails at a step."""
    directory.mkdir()
    script = directory / "git"
    script.write_text(
        f'#!/bin/sh\ncase "$*" in *"{step}"*) echo no space >&2; exit 1 ;; esac\n'
        f'exec "{shutil.which("git")}" "$@"\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize("step", ["unpack-objects", "--index-info", "checkout-index"])
def test_an_error_while_writing_restores_every_file(
    project: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = read_tree(project.root)
    failing_git(tmp_path / "bin", step, monkeypatch)
    result = project.update()
    assert (result.code, differences(before, read_tree(project.root))) == (2, [])


def test_a_commit_that_fails_restores_every_file(project: Small) -> None:
    hook = project.root / ".git" / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    before = read_tree(project.root)
    result = project.update("--branch", "next")
    assert (result.code, differences(before, read_tree(project.root))) == (2, [])


def test_an_error_after_writing_names_the_way_back(
    project: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise UpdateError("the index is locked")

    monkeypatch.setattr(execute, "verify", fail)
    assert "could not verify: the index is locked\nResolve these" in project.update().err


def test_a_missing_identity_is_found_before_anything_is_written(
    project: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME"):
        monkeypatch.delenv(name)
    git(project.root, "config", "user.useConfigOnly", "true")
    before = read_tree(project.root)
    result = project.update("--branch", "next")
    found = "git does not know who you are" in result.err
    assert (found, differences(before, read_tree(project.root))) == (True, [])


def test_the_tests_of_a_replaced_example_are_not_added(project: Small) -> None:
    project.write("src/p/cli.py", '"""Ours."""\n')
    commit(project.root, "Replace the example")
    result = project.update()
    added = (project.root / "tests" / "test_cli.py").exists()
    assert (added, "tests/test_cli.py: a test of the template's example" in result.out) == (
        False,
        True,
    )


def test_the_tests_of_an_example_that_is_kept_are_added(project: Small) -> None:
    project.update()
    assert (project.root / "tests" / "test_cli.py").exists()


def test_check_answers_in_json(project: Small, template: Path) -> None:
    result = project.update("--check", "--format", "json")
    assert json.loads(result.out) == {
        "status": "outdated",
        "current": "v1.0.0",
        "release": "v2.0.0",
        "template": str(template),
        "error": None,
    }


def test_check_compares_with_the_release_that_is_asked_for(project: Small) -> None:
    assert project.update("--check", "--to", "v1.0.0").code == 0


def link(project: Small, **changed: object) -> None:
    """Change the link and commit it."""
    file = project.root / ".cruft.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changed}), encoding="utf-8")
    commit(project.root, "Change the link")


def test_check_that_cannot_ask_says_so_in_json(project: Small) -> None:
    link(project, template="/no/such/template")
    result = project.update("--check", "--format", "json")
    assert (result.code, json.loads(result.out)["status"]) == (2, "unknown")


def test_a_rewritten_history_names_the_command(project: Small) -> None:
    link(project, commit="1" * 40)
    assert "hangar update --relink TAG" in project.update().err


def test_a_relinked_project_can_be_updated(project: Small) -> None:
    link(project, commit="1" * 40)
    project.update("--relink", "v1.0.0")
    commit(project.root, "Relink")
    assert project.update().code == 0


def test_a_project_of_a_hotfix_is_updated(project: Small, template: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--branch=v1.0.0", str(template), "fixed")
    fixed = tmp_path / "fixed"
    commit(fixed, "v1.0.1, which is no part of v2.0.0")
    git(fixed, "tag", "v1.0.1")
    link(project, template=str(fixed), commit=git(fixed, "rev-parse", "HEAD").strip())
    assert project.update().code == 0


def test_relink_keeps_the_answers(project: Small) -> None:
    context = json.loads((project.root / ".cruft.json").read_text())["context"]
    context["cookiecutter"]["slug"] = "ours"
    link(project, commit="1" * 40, context=context)
    project.update("--relink", "v1.0.0")
    linked = json.loads((project.root / ".cruft.json").read_text())
    assert linked["context"]["cookiecutter"]["slug"] == "ours"


def test_a_conflict_with_a_link_leaves_the_file_that_it_names_alone(
    project: Small, tmp_path: Path
) -> None:
    other = tmp_path / "work" / "tools" / "edited.txt"  # so is a place of the merge called
    other.parent.mkdir(parents=True)
    other.write_text("ours\n", encoding="utf-8")
    (project.root / "shared.cfg").unlink()
    (project.root / "shared.cfg").symlink_to("../work/tools/edited.txt")
    commit(project.root, "Link")
    assert (project.update().code, other.read_text()) == (1, "ours\n")


def test_no_drift(project: Small) -> None:
    project.write("shared.cfg", "ours\n")
    assert project.update("--drift").code == 0


def test_drift_has_an_exit_code(project: Small) -> None:
    project.write("tools/edited.txt", "ours\n")
    assert project.update("--drift").code == 1


def test_drift_lists_edited_files_of_the_template(project: Small) -> None:
    project.write("tools/edited.txt", "ours\n")
    assert "edited:\n  tools/edited.txt\n" in project.update("--drift").out


def test_drift_lists_deleted_files_of_the_template(project: Small) -> None:
    (project.root / "tools/deleted.txt").unlink()
    assert "deleted:\n  tools/deleted.txt\n" in project.update("--drift").out


def test_drift_is_found_in_a_subdirectory(rendered: Path, project: Small, tmp_path: Path) -> None:
    part = shutil.copytree(rendered, tmp_path / "larger" / "part", symlinks=True)
    git(part.parent, "init", "--quiet", "--initial-branch=main")
    commit(part.parent, "Start")
    inner = Small(part, project.capsys)
    inner.write("tools/edited.txt", "ours\n")
    assert "edited:\n  tools/edited.txt\n\n" in inner.update("--drift").out


def test_a_file_made_ones_own_is_no_drift(project: Small) -> None:
    project.write("tools/edited.txt", "ours\n")
    text = (project.root / "pyproject.toml").read_text()
    project.write("pyproject.toml", text.replace('"yours/*",', '"yours/*", "tools/edited.txt",'))
    assert project.update("--drift").code == 0


@pytest.fixture
def inner(project: Small, tmp_path: Path) -> Small:
    """A project in a subdirectory of a repository."""
    top = tmp_path / "mono"
    shutil.rmtree(project.root / ".git")
    root = top / "apps" / "p"
    root.parent.mkdir(parents=True)
    project.root.rename(root)
    (top / "other.txt").write_text("other\n")
    git(top, "init", "--quiet", "--initial-branch=main")
    commit(top, "Start")
    return Small(root, project.capsys)


def test_a_subdirectory_is_updated(inner: Small) -> None:
    inner.update()
    assert (inner.root / "tools/new name.txt").exists()


def test_a_subdirectory_is_committed_to_a_branch(inner: Small) -> None:
    inner.update("--branch", "next")
    listed = git(inner.root, "diff", "--name-only", "main", "next").splitlines()
    assert [name for name in listed if not name.startswith("apps/p/")] == []


def test_a_change_outside_a_subdirectory_is_left(inner: Small) -> None:
    other = inner.root.parents[1] / "other.txt"
    other.write_text("edited\n")
    assert (inner.update().code, other.read_text()) == (0, "edited\n")


def test_a_staged_change_outside_a_subdirectory_is_refused(inner: Small) -> None:
    (inner.root.parents[1] / "other.txt").write_text("edited\n")
    git(inner.root.parents[1], "add", "other.txt")
    assert "staged changes outside this project" in inner.update().err


def test_a_silent_server_ends(project: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANGAR_UPDATE_TIMEOUT", "1")
    with socket.create_server(("127.0.0.1", 0)) as server:
        link(project, template=f"git://127.0.0.1:{server.getsockname()[1]}/t")
        result = project.update("--check")
    assert (result.code, "did not end in 1 seconds" in result.err) == (2, True)


@pytest.fixture(scope="module")
def server(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    """A git server that requires credentials."""
    root = tmp_path_factory.mktemp("server")
    git(root, "clone", "--quiet", "--bare", str(template), "template.git")
    with GitServer(root, password="READTOKEN") as running:  # noqa: S106 - made up, betterleaks:allow
        yield running


def test_a_private_template_without_a_token_is_refused(project: Small, server: GitServer) -> None:
    link(project, template=f"{server.url}/template.git")
    assert "TEMPLATE_READ_TOKEN" in project.update().err


def test_a_private_template_is_read_with_a_token(
    project: Small, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    link(project, template=f"{server.url}/template.git")
    monkeypatch.setenv("TEMPLATE_READ_TOKEN", "READTOKEN")
    assert project.update().code == 0


def test_a_token_in_the_address_is_not_printed(project: Small, server: GitServer) -> None:
    secret = server.url.replace("://", "://user:SECRET123@")
    link(project, template=f"{secret}/template.git")
    results = [project.update(*words) for words in ((), ("--check",), ("--drift",))]
    texts = [result.out + result.err for result in results]
    assert [text for text in texts if "SECRET123" in text or not text] == []


def test_exit_codes_survive_nox(project: Small) -> None:
    noxfile = Path(__file__).parents[2] / "{{=cookiecutter.__project}}" / "noxfile.py"
    text = noxfile.read_text(encoding="utf-8")
    session = text[
        text.index("@nox.session\ndef update(") : text.index("@nox.session\ndef container(")
    ]
    project.write("noxfile.py", f"import os, subprocess, sys\nimport nox\n\n{session}")
    project.write("tools/hangar.py", "raise SystemExit(2)\n")
    command = [sys.executable, "-m", "nox", "-s", "update", "--default-venv-backend=none"]
    done = subprocess.run(command, cwd=project.root, capture_output=True, check=False)
    assert done.returncode == 2


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Templates]:
    with in_process():
        yield make_templates(tmp_path_factory.mktemp("templates"))


@pytest.mark.parametrize("seed", range(5))
def test_no_path_of_a_random_repository_is_lost(seed: int, templates: Templates) -> None:
    found = update_case(seed, templates)
    assert found.problems + found.unexpected == []


@pytest.mark.parametrize("point", [20, 41, 45])
def test_no_path_is_lost_by_a_kill(point: int, templates: Templates) -> None:
    assert kill_at(point, POINTS, templates) in ENDS
