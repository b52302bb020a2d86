"""A project in a subdirectory of a repository, opened from a linked worktree of that repository."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.support.container import UV, Editor, HostUser, command, succeed
from tests.support.guide import steps

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


@pytest.fixture(scope="module")
def session(engine: docker.DockerClient, tree: Path) -> Iterator[str]:
    """What `nox -s container` printed, and then git in the same image."""
    trusted = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory"}
    trusted["GIT_CONFIG_VALUE_0"] = "*"
    app, container = tree / "app", (sys.executable, "tools/hangar.py", "container")
    script = "nox -s tests && git rev-parse --show-prefix"
    try:
        yield succeed(*container, "sh", "-c", script, cwd=app, env=trusted)
    finally:
        command("docker", "compose", "--profile=dev", "down", "--volumes", "--rmi=local", cwd=app)


def test_a_session_in_the_image_is_green(session: str) -> None:
    assert "Session tests was successful" in session


def test_a_session_in_the_image_sees_the_repository(session: str) -> None:
    assert session.splitlines()[-1] == "app/"


@pytest.fixture(scope="module")
def service(
    engine: docker.DockerClient, project: Path, shared: Path, host_user: HostUser, editor: Editor
) -> Iterator[dict[str, Any]]:
    """What opening a dev container showed that is a service of Compose, in a worktree."""
    main, tree = shared / "service" / "my-project", shared / "service" / "my-project-fix"
    shutil.copytree(project, main)
    (join,) = (step for step in steps("service.md") if step.title.startswith(".devcontainer"))
    (mount,) = (step for step in steps("hosts.md") if step.title.startswith(".devcontainer"))
    join.edit(main)
    mount.edit(main)
    succeed("git", "init", "--quiet", cwd=main)
    succeed("git", "add", "--all", cwd=main)
    succeed("git", *WHO, "commit", "--quiet", "--no-verify", "--message=x", cwd=main)
    succeed("git", *WHO, "worktree", "add", "--quiet", tree, cwd=main)
    host_user.own(main.parent)
    fix = ("preflight", "--fix", "--scope=host", "--only=PF610")
    host_user.runs(tree, "python3", "tools/hangar.py", *fix)
    opened = editor.up(tree, "--skip-post-create")
    # Of the setup, only what writes `.env`: the page of the service has a test of its own.
    editor.runs(tree, "python", "tools/hangar.py", "preflight", "--fix", "--only=PF205")
    yield {**opened, "tree": tree}
    command("docker", "compose", "--profile=dev", "down", "--volumes", "--rmi=local", cwd=tree)
    editor.close(engine, tree)


def test_a_service_opens_in_a_worktree(service: dict[str, Any]) -> None:
    assert service["outcome"] == "success", service["log"]


def test_a_service_that_is_opened_again_is_the_same(
    editor: Editor, service: dict[str, Any]
) -> None:
    """A name in a new `.env` would make Compose look for other containers and volumes."""
    again = editor.up(service["tree"], "--skip-post-create")
    assert again["containerId"] == service["containerId"]


def test_git_works_in_a_service_in_a_worktree(editor: Editor, service: dict[str, Any]) -> None:
    words = ("git", "log", "-1", "--format=%s")
    assert editor.runs(service["tree"], *words).splitlines()[-1] == "x"


def test_a_commit_without_an_environment_says_how_to_get_one(tree: Path) -> None:
    hook = tree / "app" / "tools/hooks/pre-commit"
    done = command(hook, cwd=tree / "app", env={"PATH": f"{UV.parent}:/usr/bin:/bin"})
    assert "Create it: uvx nox -s setup" in done.stdout
