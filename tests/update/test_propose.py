"""What a scheduled job does: an update on a branch, offered as one request, never over a person."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.projects import Factory, commit, files, git, update
from tests.support.series import append

pytestmark = pytest.mark.slow

BRANCH = "template-update"


@dataclass(frozen=True)
class Forge:
    """A project's repository on a forge, and a clone of it in a job."""

    remote: Path
    clone: Path
    log: Path

    def job(self, forge: str) -> str:
        """Run the scheduled job's two halves; return what the second one output."""
        git(self.clone, "fetch", "--quiet", "origin", "main")
        git(self.clone, "checkout", "--quiet", "--detach", "origin/main")
        git(self.clone, "update-ref", "-d", f"refs/heads/{BRANCH}")
        done = update(self.clone, "--branch", BRANCH, environment=WHO)
        assert done.returncode == 0, done.stderr
        bundle = self.log.parent / "update.bundle"
        git(self.clone, "bundle", "create", "--quiet", str(bundle), f"HEAD..{BRANCH}")
        environment = {
            **os.environ,
            "CI_DEFAULT_BRANCH": "main",
            "LOG": str(self.log),
            "PATH": f"{self.log.parent}{os.pathsep}{os.environ['PATH']}",
        }
        pushed = subprocess.run(
            ["tools/ci/propose-update", forge, str(bundle), BRANCH],
            cwd=self.clone,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert pushed.returncode == 0, pushed.stderr
        return pushed.stdout

    def offered(self) -> str:
        """Return the branch's commit on the forge."""
        return git(self.remote, "rev-parse", BRANCH).strip()


WHO = {
    **{f"GIT_{role}_NAME": "template update" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": "update@example.com" for role in ("AUTHOR", "COMMITTER")},
}


@pytest.fixture
def forge(factory: Factory, tmp_path: Path) -> Forge:
    """A forge that records how it is asked, with a project whose next update has a conflict."""
    project = factory.project(tmp_path / "project", "v1.0.0")
    append(project / "tools" / "ruff.toml", "# ours\n")
    commit(project, "Edit")
    remote, clone, log = (tmp_path / name for name in ("remote", "clone", "log"))
    git(tmp_path, "clone", "--quiet", "--bare", str(project), str(remote))
    git(remote, "config", "receive.advertisePushOptions", "true")
    hook = remote / "hooks" / "pre-receive"
    hook.write_text('#!/bin/sh\nenv | grep "^GIT_PUSH_OPTION_[0-9]" | sort >>"$LOG"\nexit 0\n')
    asked = tmp_path / "gh"
    asked.write_text('#!/bin/sh\necho "$@" >>"$LOG"\n[ "$2" != list ] || cat "$LOG.open"\n')
    for script in (hook, asked):
        script.chmod(0o755)
    (tmp_path / "log.open").touch()
    git(tmp_path, "clone", "--quiet", "--depth=1", remote.as_uri(), str(clone))
    return Forge(remote, clone, log)


def test_the_branch_holds_the_conflict(forge: Forge) -> None:
    forge.job("github")
    assert ">>>>>>> v2.0.0" in git(forge.remote, "show", f"{BRANCH}:tools/ruff.toml")


def test_the_commit_names_the_conflict(forge: Forge) -> None:
    forge.job("github")
    message = git(forge.remote, "log", "-1", "--format=%B", BRANCH)
    assert "- tools/ruff.toml: conflict" in message


def test_the_clone_is_left_as_it_was(forge: Forge) -> None:
    before = files(forge.clone)
    forge.job("github")
    assert (files(forge.clone), git(forge.clone, "status", "--porcelain")) == (before, "")


def test_github_is_asked_for_one_request(forge: Forge) -> None:
    forge.job("github")
    title = "Update to v2.0.0 of the template (1 to resolve)"
    assert f"pr create --head {BRANCH} --title {title}" in forge.log.read_text(encoding="utf-8")


def test_an_open_request_is_refreshed(forge: Forge) -> None:
    (forge.log.parent / "log.open").write_text("7\n", encoding="utf-8")
    forge.job("github")
    assert f"pr edit {BRANCH}" in forge.log.read_text(encoding="utf-8")


def test_gitlab_is_asked_for_one_request(forge: Forge) -> None:
    forge.job("gitlab")
    options = forge.log.read_text(encoding="utf-8").splitlines()
    assert [line.partition("=")[2] for line in options] == [
        "merge_request.create",
        "merge_request.title=Update to v2.0.0 of the template (1 to resolve)",
        "merge_request.target=main",
    ]


@pytest.mark.parametrize(
    ("name", "ref"), [("github", "refs/pull/1/head"), ("gitlab", "refs/merge-requests/1/head")]
)
def test_a_branch_that_has_had_its_request_is_not_pushed_again(
    forge: Forge, name: str, ref: str
) -> None:
    forge.job(name)
    git(forge.remote, "update-ref", ref, BRANCH)  # open or closed
    assert "is as it should be" in forge.job(name)


@pytest.mark.parametrize(
    ("name", "words"), [("github", "pr create"), ("gitlab", "merge_request.create")]
)
def test_a_branch_that_was_pushed_without_a_request_gets_one(
    forge: Forge, name: str, words: str
) -> None:
    forge.job(name)
    forge.log.unlink()  # as if the forge had refused the request
    forge.job(name)
    assert words in forge.log.read_text(encoding="utf-8")


def advance(forge: Forge) -> None:
    """Put a commit on the forge's main branch."""
    directory = forge.log.parent / "other"
    git(forge.log.parent, "clone", "--quiet", str(forge.remote), str(directory))
    append(directory / "README.md", "More.\n")
    commit(directory, "More")
    git(directory, "push", "--quiet", "origin", "main")


def test_a_branch_follows_the_main_branch(forge: Forge) -> None:
    forge.job("github")
    advance(forge)
    forge.job("github")
    head = git(forge.remote, "rev-parse", "main")
    assert git(forge.remote, "rev-parse", f"{BRANCH}^") == head


def test_a_branch_that_a_person_has_touched_is_left_alone(forge: Forge) -> None:
    forge.job("github")
    directory = forge.log.parent / "person"
    git(
        forge.log.parent,
        "clone",
        "--quiet",
        f"--branch={BRANCH}",
        str(forge.remote),
        str(directory),
    )
    append(directory / "README.md", "Resolved.\n")
    commit(directory, "Resolve")
    git(directory, "push", "--quiet", "origin", BRANCH)
    theirs = forge.offered()
    advance(forge)
    forge.job("github")
    assert forge.offered() == theirs


def test_nothing_to_do_makes_no_branch(factory: Factory, tmp_path: Path) -> None:
    project = factory.project(tmp_path / "p", "v2.0.0")
    update(project, "--branch", BRANCH, environment=WHO)
    assert git(project, "branch", "--list", BRANCH) == ""
