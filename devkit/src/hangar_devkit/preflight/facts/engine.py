"""Probes of the container engine, over its socket: starting a client costs 60 ms."""

from __future__ import annotations

import os
from typing import NamedTuple

from hangar_devkit.preflight.errors import UncheckedError
from hangar_devkit.preflight.machine import Machine, read_or

COMPOSE_FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
# Where clients connect: docs.docker.com/reference/cli/docker, docs.podman.io, the desktop tools.
SYSTEM_SOCKETS = ("/var/run/docker.sock", "/run/podman/podman.sock")
RUNTIME_SOCKETS = ("docker.sock", "podman/podman.sock")
HOME_SOCKETS = (
    ".docker/run/docker.sock",
    ".docker/desktop/docker.sock",
    ".orbstack/run/docker.sock",
    ".colima/default/docker.sock",
    ".rd/docker.sock",
)
PLUGIN_DIRECTORIES = (
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
    "/opt/homebrew/lib/docker/cli-plugins",
    "/Applications/Docker.app/Contents/Resources/cli-plugins",
    "C:/Program Files/Docker/cli-plugins",
)
ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


class Containers(NamedTuple):
    """The container files of the project."""

    dockerfile: bool
    compose: bool
    devcontainer: bool


def containers(machine: Machine) -> Containers:
    """Return which container files the project has."""
    return Containers(
        os.path.exists(machine.inside("Dockerfile")),
        any(os.path.exists(machine.inside(name)) for name in COMPOSE_FILES),
        os.path.exists(machine.inside(".devcontainer")),
    )


class Engine(NamedTuple):
    """A container engine, or the reason why it does not respond."""

    address: str
    name: str = ""  # "Docker" or "Podman"
    version: str = ""
    arch: str = ""
    rootless: bool = False
    refused: str = ""  # the error, where an engine does not respond to this user


def engine(machine: Machine) -> Engine | None:
    """Return the engine that a client would use, or ``None`` without a sign of one.

    Raises:
        UncheckedError: The engine is on another machine, or is Podman without its socket.
    """
    refused = None
    for address in addresses(machine):
        try:
            answer = machine.ask(address, "/version")
        except FileNotFoundError:
            continue
        except TimeoutError:
            # Podman starts other programs for its answer, which takes a second or two.
            return _named(address, machine.server(address))
        except OSError as error:
            refused = refused or Engine(address, refused=error.strerror or str(error))
            continue
        return _described(address, answer)
    if machine.which("podman") and not (refused and _chosen(machine)):
        # Podman needs no daemon: its client builds and runs without the socket. This user may have
        # it beside a Docker of other users.
        found = f"{refused.address}: {refused.refused}; " if refused else ""
        raise UncheckedError(
            f"{found}Podman is installed, its socket is off; "
            "systemctl --user enable --now podman.socket"
        )
    return refused


def addresses(machine: Machine) -> list[str]:
    """Return where an engine may listen: the user's choice, else all usual addresses."""
    chosen = _chosen(machine)
    if chosen.startswith("ssh://"):
        raise UncheckedError(f"the engine is on another machine: {chosen}")
    if chosen:
        return [chosen.removeprefix("unix://")]
    if machine.platform == "windows":
        return [r"npipe:\\.\pipe\docker_engine", r"npipe:\\.\pipe\podman-machine-default"]
    runtime = machine.environ.get("XDG_RUNTIME_DIR", "")
    return [
        *(machine.system(path) for path in SYSTEM_SOCKETS),
        *(os.path.join(runtime, path) for path in RUNTIME_SOCKETS if runtime),
        *(os.path.join(machine.home, path) for path in HOME_SOCKETS),
    ]


def selinux_is_enforced(machine: Machine) -> bool:
    """Return whether SELinux keeps containers from files without their label."""
    return read_or(machine.system("/sys/fs/selinux/enforce")).strip() == "1"


def labels_are_off(machine: Machine) -> bool:
    """Return whether devcontainer.json turns the labels of SELinux off for its container."""
    folder = machine.inside(".devcontainer", "devcontainer.json")
    return "label=disable" in read_or(folder) or "label:disable" in read_or(folder)


def plugin(machine: Machine, name: str) -> str:
    """Return the path of a plugin of the docker client, or an empty string."""
    folders = [os.path.join(machine.home, ".docker", "cli-plugins")]
    folders += [machine.system(path) for path in PLUGIN_DIRECTORIES]
    for folder in folders:
        for ending in ("", ".exe"):
            path = os.path.join(folder, f"docker-{name}{ending}")
            if os.path.exists(path):
                return path
    return ""


def plugin_version(machine: Machine, path: str) -> str:
    """Return the version that a plugin reports; a subprocess."""
    for word in machine.run([path, "docker-cli-plugin-metadata"]).replace('"', " ").split():
        if word.lstrip("v")[:1].isdigit() and "." in word:
            return word.lstrip("v")
    return ""


def requested_platform(machine: Machine) -> str:
    """Return the architecture that the user chose for images, or an empty string."""
    return machine.environ.get("DOCKER_DEFAULT_PLATFORM", "").rpartition("/")[2]


def architecture(machine: Machine) -> str:
    """Return the architecture of the machine, as container engines spell it."""
    return ARCHITECTURES.get(machine.arch.lower(), machine.arch)


class Ownership(NamedTuple):
    """The current user and the owner of the workspace."""

    uid: int | None
    owner: int
    project: bool  # whether this user can write there, as the next two
    home: bool
    environment: bool


def ownership(machine: Machine) -> Ownership:
    """Return who owns the workspace, and where this user can write."""
    above = machine.environment
    while not os.path.exists(above):
        above = os.path.dirname(above)
    return Ownership(
        machine.uid,
        os.stat(machine.project).st_uid,
        machine.can_write(machine.project),
        bool(machine.home) and machine.can_write(machine.home),
        machine.can_write(above),
    )


def _named(address: str, server: str) -> Engine:
    name, _, version = server.partition(" ")[0].partition("/")
    if not version:
        raise UncheckedError(f"the engine on {address} does not say what it is")
    shown = "Podman" if name == "Libpod" else "Docker"
    return Engine(address, shown, version, rootless="/user/" in address)


def _described(address: str, answer: str) -> Engine:
    import json

    found = json.loads(answer)
    components = [part.get("Name", "") for part in found.get("Components") or ()]
    return Engine(
        address,
        "Podman" if any("Podman" in name for name in components) else "Docker",
        str(found.get("Version", "")),
        str(found.get("Arch", "")),
        rootless="/user/" in address,  # $XDG_RUNTIME_DIR is /run/user/<uid>
    )


def _chosen(machine: Machine) -> str:
    """Return the address that the user chose, or an empty string."""
    return machine.environ.get("DOCKER_HOST") or _context(machine)


def _context(machine: Machine) -> str:
    """Return the address in the context that `docker context use` chose, if any."""
    folder = os.path.join(machine.home, ".docker")
    config = read_or(os.path.join(folder, "config.json"))
    if "currentContext" not in config:
        return ""
    import json

    current = json.loads(config)["currentContext"]
    metadata = os.path.join(folder, "contexts", "meta")
    for name in os.listdir(metadata) if os.path.isdir(metadata) else ():
        context = json.loads(read_or(os.path.join(metadata, name, "meta.json"), "{}"))
        if context.get("Name") == current:
            return str(context["Endpoints"]["docker"]["Host"])
    return ""
