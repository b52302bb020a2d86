"""The dev container, opened as a host user who is neither root nor number 1000."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.support.container import UV, Editor, HostUser, succeed
from tests.support.debugger import DEBUGPY, PROGRAM, Debugger, configuration, line_with
from tests.support.render import BIN

pytestmark = pytest.mark.container

Inside = Callable[..., str]
COMMIT = ("git", "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "--message=x")


@pytest.fixture(scope="module")
def sources(project: Path, shared: Path, host_user: HostUser) -> Path:
    """The user's own copy of the project, as generated: no lock, no environment."""
    copy = shutil.copytree(project, shared / "opened")
    (copy / "uv.lock").unlink()
    succeed("git", "init", "--quiet", "--initial-branch=main", cwd=copy)
    host_user.own(copy)
    return copy


@pytest.fixture(scope="module")
def opened(engine: docker.DockerClient, editor: Editor, sources: Path) -> Iterator[dict[str, Any]]:
    """What opening the container told."""
    yield editor.up(sources)
    editor.close(engine, sources)


@pytest.fixture(scope="module")
def inside(opened: dict[str, Any], editor: Editor, sources: Path) -> Inside:
    """Run a command in the open container, as an editor's terminal does."""
    assert opened["outcome"] == "success", opened["log"]
    return lambda *words: editor.runs(sources, *words)


def test_container_opens(opened: dict[str, Any]) -> None:
    assert opened["outcome"] == "success", opened["log"]


def test_opening_makes_the_lock(opened: dict[str, Any], sources: Path) -> None:
    assert (sources / "uv.lock").exists(), opened["log"]


def test_user_inside_is_the_user_of_the_host(inside: Inside, host_user: HostUser) -> None:
    assert inside("id", "--user").splitlines()[-1] == str(host_user.uid)


def test_files_made_inside_belong_to_the_user(
    inside: Inside, sources: Path, host_user: HostUser
) -> None:
    inside("touch", "made")
    assert (sources / "made").stat().st_uid == host_user.uid


def test_home_belongs_to_the_user(inside: Inside, host_user: HostUser) -> None:
    other = inside("find", "/home/dev", "-maxdepth", "3", "!", "-uid", str(host_user.uid))
    assert other == ""


def test_tests_are_green(inside: Inside) -> None:
    assert "Session tests was successful" in inside("nox", "-s", "tests")


def test_environment_shares_files_with_the_cache(inside: Inside) -> None:
    """Copies, instead of links, make every installation several times slower."""
    venv = "/home/dev/.cache/venv"
    assert inside("find", venv, "-name", "*.py", "-links", "+1", "-print", "-quit")


def test_debugger_stops_in_the_program(
    inside: Inside, opened: dict[str, Any], sources: Path
) -> None:
    """The editor's server starts the debugger in the container, with the interpreter there."""
    container, workspace = opened["containerId"], Path(opened["remoteWorkspaceFolder"])
    succeed("docker", "cp", str(DEBUGPY), f"{container}:/opt/debugpy", cwd=sources)
    into = ("docker", "exec", "--interactive", f"--user={opened['remoteUser']}")
    source, code = PROGRAM
    with Debugger(
        "/home/dev/.cache/venv/bin/python",
        inside=(*into, f"--workdir={workspace}", container),
        package="/opt/debugpy",
    ) as debugger:
        line = line_with(sources / source, code)
        debugger.launch(configuration(sources), workspace, source, line)
        assert debugger.stop() == "validate"


def git_as_root(engine: docker.DockerClient, opened: dict[str, Any], *env: str) -> int | None:
    """Return the exit code of git, run by one who does not own the sources."""
    container = engine.containers.get(opened["containerId"])
    words = ["env", *env, "git", "status", "--short"]
    done = container.exec_run(words, user="root", workdir=opened["remoteWorkspaceFolder"])
    return done.exit_code


def test_git_trusts_the_sources_of_another_owner(
    engine: docker.DockerClient, opened: dict[str, Any]
) -> None:
    assert git_as_root(engine, opened) == 0


def test_git_would_not_trust_them_by_itself(
    engine: docker.DockerClient, opened: dict[str, Any]
) -> None:
    assert git_as_root(engine, opened, "GIT_CONFIG_COUNT=0") == 128


@pytest.fixture(scope="module")
def committed(inside: Inside, sources: Path) -> str:
    """What a commit of one file prints, made in the container."""
    inside("git", "add", ".")
    inside(*COMMIT, "--quiet", "--no-verify")
    with (sources / ".devcontainer" / "devcontainer.json").open("a", encoding="utf-8") as file:
        file.write("// A comment.\n")
    inside("git", "add", ".devcontainer")
    return inside(*COMMIT)


def test_commit_inside_runs_the_hooks(committed: str) -> None:
    assert "schemas of configuration files" in committed


@pytest.mark.usefixtures("committed")
def test_commit_on_the_host_runs_the_hooks(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same working tree with the same settings, outside the container."""
    host = shutil.copytree(sources, tmp_path / "host", symlinks=True)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setenv("PATH", f"{UV.parent}:{BIN}", prepend=":")
    succeed(UV, "sync", "--frozen", "--quiet", cwd=host)
    (host / "notes.md").write_text("# Notes\n", encoding="utf-8")
    succeed("git", "add", "notes.md", cwd=host)
    assert "typos" in succeed(*COMMIT, cwd=host)


@pytest.fixture(scope="module")
def rebuilt(inside: Inside, editor: Editor, sources: Path) -> dict[str, Any]:
    """What opening a new container told, in which nothing was set up."""
    assert inside("true") == ""
    return editor.up(sources, "--remove-existing-container", "--skip-post-create")


def test_rebuild_makes_a_new_container(opened: dict[str, Any], rebuilt: dict[str, Any]) -> None:
    assert rebuilt["containerId"] != opened["containerId"]


def test_rebuild_succeeds(rebuilt: dict[str, Any]) -> None:
    assert rebuilt["outcome"] == "success", rebuilt["log"]


@pytest.mark.usefixtures("rebuilt")
def test_environment_survives_a_rebuild(inside: Inside) -> None:
    assert "Session tests was successful" in inside("nox", "-s", "tests")


def test_host_preflight_stops_the_opening(
    editor: Editor, copy: Path, shared: Path, host_user: HostUser
) -> None:
    refused = shutil.copytree(copy, shared / "refused")
    with (refused / "pyproject.toml").open("a", encoding="utf-8") as manifest:
        manifest.write("\n[tool.preflight.unknown]\n")
    host_user.own(refused)
    assert "initializeCommand" in editor.up(refused).get("description", "")
