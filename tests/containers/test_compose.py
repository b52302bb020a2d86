"""The two services, as a host user who is neither root nor number 1000."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.support.container import HostUser, succeed
from tests.support.render import BIN

pytestmark = pytest.mark.container

RUN = ("docker", "compose", "run", "--rm")


@pytest.fixture(scope="module")
def composed(
    engine: docker.DockerClient,
    project: Path,
    shared: Path,
    host_user: HostUser,
) -> Iterator[Path]:
    """The user's own copy of the project, with both services built."""
    copy = shutil.copytree(project, shared / "composed")
    succeed("git", "init", "--quiet", cwd=copy)
    host_user.own(copy)
    host_user.runs(copy, *("docker", "compose", "--profile=dev", "build"))
    yield copy
    down = ("--volumes", "--rmi=local", "--remove-orphans")
    succeed("docker", "compose", "--profile=dev", "down", *down, cwd=copy)


@pytest.fixture(scope="module")
def first(composed: Path, host_user: HostUser) -> str:
    """What the very first command of a newcomer prints."""
    return host_user.runs(composed, *RUN, "--build", "dev", "nox", "-s", "tests")


def test_app_runs_the_example(composed: Path, host_user: HostUser) -> None:
    assert "288 rows: 288 valid, 0 invalid" in host_user.runs(composed, *RUN, "app")


@pytest.mark.parametrize(
    ("script", "output"),
    [
        ("touch /opt/venv/x || echo refused", "refused"),
        ("touch /tmp/x && echo written", "written"),
        ("grep CapBnd /proc/self/status", "CapBnd:\t0000000000000000"),
        ("grep NoNewPrivs /proc/self/status", "NoNewPrivs:\t1"),
    ],
)
def test_app_has_no_rights(composed: Path, host_user: HostUser, script: str, output: str) -> None:
    words = ("--entrypoint=sh", "app", "-c", script)
    assert output in host_user.runs(composed, *RUN, *words)


def test_raw_sockets_open_in_their_service(composed: Path, host_user: HostUser) -> None:
    script = "import socket; print(socket.socket(socket.AF_PACKET, socket.SOCK_RAW).family.name)"
    output = host_user.runs(composed, *RUN, "--build", "raw", "python", "-c", script)
    assert output.splitlines()[-1] == "AF_PACKET"


def test_first_command_passes(first: str) -> None:
    assert " passed" in first


def test_first_command_sets_up(first: str) -> None:
    assert "session setup" in first


@pytest.mark.usefixtures("first")
def test_later_commands_set_nothing_up(composed: Path, host_user: HostUser) -> None:
    later = host_user.runs(composed, *RUN, "dev", "nox", "-s", "tests")
    assert "session setup" not in later


def test_user_inside_is_the_user_of_the_host(composed: Path, host_user: HostUser) -> None:
    output = host_user.runs(composed, *RUN, "dev", "id", "--user")
    assert output.splitlines()[-1] == str(host_user.uid)


def test_files_made_inside_belong_to_the_user(composed: Path, host_user: HostUser) -> None:
    host_user.runs(composed, *RUN, "dev", "touch", "made")
    assert (composed / "made").stat().st_uid == host_user.uid


@pytest.mark.usefixtures("first")
def test_nothing_else_changed_hands(composed: Path, host_user: HostUser) -> None:
    assert {path.lstat().st_uid for path in composed.rglob("*")} == {host_user.uid}


def test_git_trusts_the_sources(composed: Path, host_user: HostUser) -> None:
    words = ("--entrypoint=git", "dev", "status", "--short")
    assert "?? Dockerfile" in host_user.runs(composed, *RUN, *words)


@pytest.mark.usefixtures("first")
def test_session_runs_inside(composed: Path) -> None:
    output = succeed(BIN / "nox", "-s", "container", "--", "tests", "-k", "sample", cwd=composed)
    assert "rootdir: /workspace" in output
