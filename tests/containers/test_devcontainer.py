"""The dev container, opened as a host user who is neither root nor number 1000."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.support.container import BIN, DEVCONTAINER, UV, HostUser, command, succeed

pytestmark = pytest.mark.container

Inside = Callable[..., str]
COMMIT = ("git", "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "--message=x")


@pytest.fixture(scope="module")
def npx() -> None:
    if not shutil.which("npx"):
        pytest.skip("no npx for the Dev Containers CLI; install Node 20 or later")


def up(project: Path, user: HostUser, *options: str) -> dict[str, Any]:
    """Open the dev container; a line of JSON in the log is the outcome."""
    words = (*DEVCONTAINER, "up", "--workspace-folder=.", *options)
    log = command(*user.words(*words), cwd=project).stdout
    told = [line for line in log.splitlines() if line.startswith('{"outcome"')]
    assert told, log
    return dict(json.loads(told[0]))


@pytest.fixture(scope="module")
def sources(project: Path, shared: Path, host_user: HostUser) -> Path:
    """The user's own copy of the project, as generated: no lock, no environment."""
    copy = shutil.copytree(project, shared / "opened")
    (copy / "uv.lock").unlink()
    succeed("git", "init", "--quiet", "--initial-branch=main", cwd=copy)
    host_user.own(copy)
    return copy


@pytest.fixture(scope="module")
def outcome(
    engine: docker.DockerClient,
    npx: None,  # noqa: ARG001 (skips)
    sources: Path,
    host_user: HostUser,
) -> Iterator[dict[str, Any]]:
    """What opening the container told."""
    yield up(sources, host_user)
    for container in engine.containers.list(
        all=True, filters={"label": f"devcontainer.local_folder={sources}"}
    ):
        image, mounts = container.attrs["Config"]["Image"], container.attrs["Mounts"]
        container.remove(force=True)
        for mount in mounts:
            if mount["Type"] == "volume":
                engine.volumes.get(mount["Name"]).remove()
        command("docker", "image", "rm", "--force", image, image.removesuffix("-uid"))


@pytest.fixture(scope="module")
def inside(outcome: dict[str, Any], sources: Path, host_user: HostUser) -> Inside:
    """Run a command in the open container, as an editor's terminal does."""
    assert outcome["outcome"] == "success", outcome

    def run(*words: str) -> str:
        return host_user.runs(sources, *DEVCONTAINER, "exec", "--workspace-folder=.", *words)

    return run


def test_container_opens(outcome: dict[str, Any]) -> None:
    assert outcome["outcome"] == "success", outcome


def test_user_inside_is_the_user_of_the_host(inside: Inside, host_user: HostUser) -> None:
    assert inside("id", "--user").splitlines()[-1] == str(host_user.uid)


def test_opening_makes_the_lock(inside: Inside, sources: Path) -> None:
    assert inside("true") is not None
    assert (sources / "uv.lock").exists()


def test_files_made_inside_belong_to_the_user(
    inside: Inside, sources: Path, host_user: HostUser
) -> None:
    inside("touch", "made")
    assert (sources / "made").stat().st_uid == host_user.uid


@pytest.mark.parametrize("session", ["tests", "typecheck"])
def test_session_is_green(inside: Inside, session: str) -> None:
    assert f"Session {session} was successful" in inside("nox", "-s", session)


def test_home_belongs_to_the_user(inside: Inside, host_user: HostUser) -> None:
    owners = inside("find", "/home/dev", "-maxdepth", "3", "-printf", r"%U\n").split()
    assert set(owners) >= {str(host_user.uid)}
    assert not {"0", "1000"} & set(owners)


def test_environment_shares_files_with_the_cache(inside: Inside) -> None:
    """Copies, instead of links, make every installation several times slower."""
    linked = inside("find", "/home/dev/.cache/venv", "-name", "*.py", "-links", "+1")
    assert linked


def git_as_root(engine: docker.DockerClient, outcome: dict[str, Any], *env: str) -> int:
    container = engine.containers.get(outcome["containerId"])
    return int(
        container.exec_run(
            ["env", *env, "git", "status", "--short"],
            user="root",
            workdir=outcome["remoteWorkspaceFolder"],
        ).exit_code
    )


def test_git_trusts_the_sources_of_another_owner(
    engine: docker.DockerClient, outcome: dict[str, Any]
) -> None:
    assert git_as_root(engine, outcome) == 0


def test_git_trusts_nothing_else(engine: docker.DockerClient, outcome: dict[str, Any]) -> None:
    assert git_as_root(engine, outcome, "GIT_CONFIG_COUNT=0") == 128


@pytest.fixture(scope="module")
def committed(inside: Inside) -> str:
    """What the first commit prints, which the hooks check."""
    inside("git", "add", ".")
    return inside(*COMMIT)


def test_commit_inside_runs_the_hooks(committed: str) -> None:
    assert "devcontainer.json against its schema" in committed


def test_commit_on_the_host_runs_the_hooks(
    committed: str, sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same working tree with the same settings, outside the container."""
    assert committed
    host = tmp_path / "host"
    shutil.copytree(sources, host, symlinks=True)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setenv("PATH", f"{UV.parent}:{BIN}", prepend=":")
    succeed(UV, "sync", "--frozen", "--quiet", cwd=host)
    (host / "notes.md").write_text("# Notes\n", encoding="utf-8")
    succeed("git", "add", "notes.md", cwd=host)
    assert "typos" in succeed(*COMMIT, cwd=host)


def test_environment_survives_a_rebuild(
    committed: str, inside: Inside, outcome: dict[str, Any], sources: Path, host_user: HostUser
) -> None:
    assert committed
    options = ("--remove-existing-container", "--skip-post-create")
    again = up(sources, host_user, *options)
    assert again["containerId"] != outcome["containerId"]
    assert "sync --locked" in inside("nox", "-s", "tests")


def test_host_preflight_stops_the_opening(
    npx: None,  # noqa: ARG001 (skips)
    engine: docker.DockerClient,  # noqa: ARG001 (skips)
    copy: Path,
    shared: Path,
    host_user: HostUser,
) -> None:
    bad = shared / "refused"
    shutil.copytree(copy, bad)
    manifest = bad / "pyproject.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(
        text.replace("\n[tool.preflight]\n", "\n[tool.preflight]\nunknown = true\n"),
        encoding="utf-8",
    )
    host_user.own(bad)
    assert "initializeCommand" in up(bad, host_user).get("description", "")
