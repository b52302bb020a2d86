"""Probes whose reading is worth a test of its own."""

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hangar_devkit.preflight.errors import UncheckedError
from hangar_devkit.preflight.facts import (
    engine,
    interpreter,
    native,
    repository,
    resources,
)
from hangar_devkit.preflight.machine import Machine

from ..support.ports import free_port
from .fakes import Sandbox

JSONC = """{
  // a comment, with "quotes"
  "url": "https://example.com//x", /* another */ "text": "a \\" // b",
  "list": [1, 2,],
}"""


def test_json_with_comments_is_read() -> None:
    assert json.loads(resources.without_comments(JSONC)) == {
        "url": "https://example.com//x",
        "text": 'a " // b',
        "list": [1, 2],
    }


@pytest.mark.parametrize("host", ["unix:///run/e.sock", "tcp://127.0.0.1:2375"])
def test_the_users_choice_of_engine_prevails(sandbox: Sandbox, host: str) -> None:
    sandbox.environ["DOCKER_HOST"] = host
    assert engine.addresses(sandbox.build()) == [host.removeprefix("unix://")]


def test_the_context_of_docker_is_followed(sandbox: Sandbox) -> None:
    config = sandbox.home / ".docker"
    meta = config / "contexts/meta/abc/meta.json"
    meta.parent.mkdir(parents=True)
    (config / "config.json").write_text('{"currentContext": "colima"}')
    meta.write_text(
        '{"Name": "colima", "Endpoints": {"docker": {"Host": "unix:///c/docker.sock"}}}'
    )
    assert engine.addresses(sandbox.build()) == ["/c/docker.sock"]


def test_podman_is_distinguished_from_docker(sandbox: Sandbox) -> None:
    sandbox.docker(Components=[{"Name": "Podman Engine"}])
    assert "Podman" in str(engine.engine(sandbox.build()))


def test_podman_without_its_socket_is_not_taken_for_no_engine(sandbox: Sandbox) -> None:
    sandbox.program("podman")
    with pytest.raises(UncheckedError, match=r"podman\.socket"):
        engine.engine(sandbox.build())


def refuse(sandbox: Sandbox) -> None:
    """Put Podman beside a Docker that this user may not use."""
    sandbox.program("podman")
    socket = str(sandbox.root / "var/run/docker.sock")
    sandbox.machine["answers"] = {socket: PermissionError(13, "Permission denied")}


def test_podman_beside_a_docker_of_others_is_not_an_error(sandbox: Sandbox) -> None:
    refuse(sandbox)
    with pytest.raises(UncheckedError, match=r"Permission denied; Podman is installed"):
        engine.engine(sandbox.build())


def test_the_engine_that_the_user_chose_must_respond(sandbox: Sandbox) -> None:
    refuse(sandbox)
    sandbox.environ["DOCKER_HOST"] = f"unix://{sandbox.root}/var/run/docker.sock"
    found = engine.engine(sandbox.build())
    assert found == engine.Engine(
        f"{sandbox.root}/var/run/docker.sock", refused="Permission denied"
    )


@pytest.mark.parametrize("path", ["tools/container/as-owner", "tools/hooks/pre-commit", "run"])
def test_a_script_without_ending_is_checked_for_its_line_endings(
    sandbox: Sandbox, path: str
) -> None:
    sandbox.write(path, "#!/bin/sh\r\nexit 0\r\n")
    assert repository.carriage_returns(sandbox.build()) == [path]


def test_a_file_that_is_no_script_may_have_any_line_endings(sandbox: Sandbox) -> None:
    sandbox.write("notes.txt", "one\r\ntwo\r\n")
    assert repository.carriage_returns(sandbox.build()) == []


@pytest.mark.parametrize(
    ("server", "shown"),
    [("Libpod/4.3.1 (linux)", "Podman 4.3.1"), ("Docker/20.10.24 (linux)", "Docker 20.10.24")],
)
def test_an_engine_that_answers_late_is_named_by_its_server(
    sandbox: Sandbox, server: str, shown: str
) -> None:
    sandbox.docker()
    address = str(sandbox.root / "var/run/docker.sock")
    sandbox.machine["answers"] = {address: TimeoutError("timed out")}
    sandbox.machine["server"] = lambda _: server
    assert [finding.found for finding in sandbox.check("PF401")] == [shown]


def answer_once(server: socket.socket) -> None:
    """Answer as an engine does, once."""
    server.listen(1)

    def answer() -> None:
        with server, server.accept()[0] as link:
            link.recv(1024)
            link.sendall(b'HTTP/1.0 200 OK\r\n\r\n{"Version": "27.0"}')

    threading.Thread(target=answer, daemon=True).start()


def test_an_engine_is_asked_over_its_socket(tmp_path: Path) -> None:
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "e.sock"))
    answer_once(server)
    answer = Machine(str(tmp_path)).ask(str(tmp_path / "e.sock"), "/version")
    assert answer == '{"Version": "27.0"}'


def test_an_engine_is_asked_at_an_address_of_ipv6(tmp_path: Path) -> None:
    server = socket.socket(socket.AF_INET6)
    server.bind(("::1", 0))
    answer_once(server)
    address = f"tcp://[::1]:{server.getsockname()[1]}"
    assert Machine(str(tmp_path)).ask(address, "/version") == '{"Version": "27.0"}'


def test_output_that_is_not_utf8_can_be_read(tmp_path: Path) -> None:
    code = r"import sys; sys.stdout.buffer.write(b'Jos\xe9')"
    assert Machine(str(tmp_path)).run([sys.executable, "-c", code]) == "Jos\ufffd"


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_a_port_that_is_listened_on_is_taken(tmp_path: Path, family: int, host: str) -> None:
    with socket.socket(family) as server:
        if family == socket.AF_INET6:
            server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        server.bind((host, 0))
        server.listen()
        assert Machine(str(tmp_path)).port_problem(server.getsockname()[1]) == "in use"


def test_a_port_that_nothing_listens_on_is_free(tmp_path: Path) -> None:
    assert Machine(str(tmp_path)).port_problem(free_port()) == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="another user is needed; run as root")
def test_a_port_of_root_is_distinguished_from_one_in_use(tmp_path: Path) -> None:
    """By a process of another user, in a network namespace where any limit is the kernel's own."""
    script = (
        "import errno, os, socket; from hangar_devkit.preflight.machine import Machine; "
        "os.setuid(65534); print(Machine('/').port_problem(81))"
    )
    unshare = ("unshare", "--net", "sh", "-c", 'ip link set lo up 2>/dev/null; exec "$@"', "sh")
    command = [*unshare, sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.stdout.strip() == "not permitted"


CGROUPS = {
    "version 2, in a container": {"/sys/fs/cgroup/cpu.max": "50000 100000\n"},
    "version 1, in a container": {
        "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "50000\n",
        "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    },
    "version 2, on a host": {
        "/proc/self/cgroup": "0::/user.slice/a.scope\n",
        "/sys/fs/cgroup/user.slice/cpu.max": "50000 100000\n",
    },
    "version 1, on a host": {
        "/proc/self/cgroup": "4:cpu,cpuacct:/a\n0::/\n",
        "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "50000\n",
        "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "100000\n",
    },
}


@pytest.mark.parametrize("files", CGROUPS.values(), ids=CGROUPS)
def test_a_quota_of_the_control_group_limits_the_cpus(
    sandbox: Sandbox, files: dict[str, str]
) -> None:
    for path, text in files.items():
        sandbox.system(path, text)
    assert resources.cpus(sandbox.build()) == 0.5


@pytest.mark.parametrize("text", ["max 100000\n", ""])
def test_without_a_quota_the_cpus_are_those_of_the_machine(sandbox: Sandbox, text: str) -> None:
    sandbox.system("/sys/fs/cgroup/cpu.max", text)
    sandbox.system("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n")
    assert resources.cpus(sandbox.build()) == 8


def test_an_installed_library_loads(tmp_path: Path) -> None:
    assert Machine(str(tmp_path), platform="linux").loads("libc.so.6")


def test_homebrews_folders_are_tried_on_macos(sandbox: Sandbox) -> None:
    sandbox.platform = "macos"
    sandbox.machine["libraries"] = frozenset({"/opt/homebrew/opt/libpq/lib/libpq.5.dylib"})
    assert native.library(sandbox.build(), ("libpq.5.dylib",), ("libpq",)) == "libpq.5.dylib"


@pytest.mark.parametrize(
    "settings", ["version = 3.12.1", "version_info = 3.12.1.final.0", "version_info = 3.12.1"]
)
def test_the_version_of_an_environment_is_read(sandbox: Sandbox, settings: str) -> None:
    sandbox.environment(settings)
    assert interpreter.environment(sandbox.build()).python == "3.12.1"


def test_an_environment_is_read(tmp_path: Path) -> None:
    subprocess.run(["python3", "-m", "venv", "--without-pip", tmp_path / ".venv"], check=True)
    machine = Machine(str(tmp_path), environ={})
    assert interpreter.environment(machine).built_at == str(tmp_path / ".venv")
