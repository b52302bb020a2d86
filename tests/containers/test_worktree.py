"""A project in a subdirectory of a repository, opened from a linked worktree of that repository."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from hangar_devkit.container import repository_options
from tests.support.container import UV, Editor, HostUser, command, succeed

pytestmark = pytest.mark.container

WHO = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "safe.directory=*")
MOUNTED = "--mount-git-worktree-common-dir"


@pytest.fixture(scope="module")
def tree(project: Path, shared: Path, host_user: HostUser) -> Path:
    """The user's own worktree."""
    main = shared / "main"
    shutil.copytree(project, main / "app")
    succeed("git", "init", "--quiet", cwd=main)
    succeed("git", "add", "--all", cwd=main)
    succeed("git", *WHO, "commit", "--quiet", "--no-verify", "--message=x", cwd=main)
    succeed("git", *WHO, "worktree", "add", "--quiet", "../tree", cwd=main)
    host_user.own(main)
    host_user.own(shared / "tree")
    return shared / "tree"


@pytest.fixture(scope="module")
def unseen(engine: docker.DockerClient, editor: Editor, tree: Path) -> Iterator[dict[str, Any]]:
    """What opening the dev container showed, in which the repository is not mounted."""
    yield editor.up(tree / "app")
    editor.close(engine, tree / "app")


def test_the_container_opens_without_the_repository(unseen: dict[str, Any]) -> None:
    assert unseen["outcome"] == "success", unseen["log"]


def test_the_host_preflight_names_the_path(unseen: dict[str, Any]) -> None:
    assert "a dev container cannot find" in unseen["log"]


def test_what_was_not_checked_is_listed(unseen: dict[str, Any]) -> None:
    assert "nor PF602, PF603" in unseen["log"]


@pytest.mark.usefixtures("unseen")
def test_no_repository_is_created_in_the_repository(tree: Path) -> None:
    assert not (tree / "app" / ".git").exists()


@pytest.mark.usefixtures("unseen")
def test_files_are_checked_without_the_repository(editor: Editor, tree: Path) -> None:
    output = editor.runs(tree / "app", "nox", "-s", "lint", "--", "text")
    assert "Session lint was successful" in output


@pytest.fixture(scope="module")
def seen(unseen: dict[str, Any], editor: Editor, host_user: HostUser, tree: Path) -> dict[str, Any]:
    """What opening it showed after the fix, with the setting of the editor."""
    fix = ("preflight", "--fix", "--scope=host", "--only=PF610")
    host_user.runs(tree / "app", "python3", "tools/hangar.py", *fix)
    return editor.up(tree / "app", "--remove-existing-container", "--skip-post-create", MOUNTED)


def test_git_sees_the_repository_after_the_fix(
    engine: docker.DockerClient, seen: dict[str, Any]
) -> None:
    container = engine.containers.get(seen["containerId"])
    where = seen["remoteWorkspaceFolder"]
    done = container.exec_run(["git", "rev-parse", "--show-prefix"], user="dev", workdir=where)
    assert done.output == b"app/\n"


def test_a_session_in_the_image_sees_the_repository(
    engine: docker.DockerClient, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "*")
    run = ("docker", "compose", "run", "--rm", "--build", *repository_options(str(tree / "app")))
    git = ("--entrypoint=git", "dev", "rev-parse", "--show-prefix")
    try:
        output = succeed(*run, *git, cwd=tree / "app")
    finally:
        down = ("--profile=dev", "down", "--volumes", "--rmi=local")
        command("docker", "compose", *down, cwd=tree / "app")
    assert output.splitlines()[-1] == "app/"


def test_a_commit_without_an_environment_says_how_to_get_one(tree: Path) -> None:
    hook = tree / "app" / "tools/hooks/pre-commit"
    done = command(hook, cwd=tree / "app", env={"PATH": f"{UV.parent}:/usr/bin:/bin"})
    assert "Create it: uvx nox -s setup" in done.stdout
