"""Probes of libraries, programs, raw sockets and packet capture."""

from __future__ import annotations

import os
from typing import NamedTuple

from hangar_devkit.preflight.machine import Machine, read, read_or

CAP_NET_RAW = 13  # linux/capability.h
NPCAP_KEY = r"SYSTEM\CurrentControlSet\Services\npcap"
INSTALL = {
    "apt": ("apt-get", "install", "-y"),
    "dnf": ("dnf", "install", "-y"),
    "brew": ("brew", "install"),
    "winget": ("winget", "install", "--exact"),
}
ENDINGS = {"linux": ".so", "macos": ".dylib", "windows": ".dll"}


def package_manager(machine: Machine) -> str:
    """Return the package manager of this machine: apt, dnf, brew or winget; or empty."""
    if machine.platform == "macos":
        return "brew"
    if machine.platform == "windows":
        return "winget"
    for name, path in (("apt", "/usr/bin/apt-get"), ("dnf", "/usr/bin/dnf")):
        if os.path.exists(machine.system(path)):
            return name
    return ""


def is_root(machine: Machine) -> bool:
    """Return whether commands run without `sudo`."""
    return machine.uid == 0


def library(machine: Machine, names: tuple[str, ...], formulae: tuple[str, ...]) -> str:
    """Return the first name under which a shared library loads, or an empty string.

    Homebrew's directories are tried, too: macOS does not search them, and some formulae are not
    linked.
    """
    for name in names:
        paths = [name]
        if machine.platform == "macos":
            for prefix in ("/opt/homebrew", "/usr/local"):
                paths += [f"{prefix}/opt/{formula}/lib/{name}" for formula in formulae]
                paths.append(f"{prefix}/lib/{name}")
        if any(machine.loads(path) for path in paths):
            return name
    return ""


def executable(machine: Machine, name: str) -> str:
    """Return the path of a program, or an empty string."""
    return machine.which(name)


def executable_version(machine: Machine, name: str, flag: str) -> str:
    """Return the first version in the output of a program; a subprocess."""
    for word in machine.run([name, flag]).replace(",", " ").split():
        if word.lstrip("v")[:1].isdigit() and "." in word:
            return word.lstrip("v").rstrip(".")
    return ""


class RawSockets(NamedTuple):
    """Whether raw sockets open, and on Linux the reasons."""

    problem: str  # empty when they open
    root: bool = False
    bounded: bool = False  # not in the bounding set: no process here can have it
    no_new_privileges: bool = False
    file_capability: bool = False  # of the interpreter


def raw_sockets(machine: Machine) -> RawSockets:
    """Open a raw socket, the only reliable test, and collect the reasons where that fails."""
    problem = machine.raw_socket()
    if not problem:
        return RawSockets("")
    if machine.platform != "linux":
        return RawSockets(problem, root=machine.is_administrator())
    status = {}
    for line in read(machine.system("/proc/self/status")).splitlines():
        key, _, value = line.partition(":")
        status[key] = value.strip()
    return RawSockets(
        problem,
        root=machine.uid == 0,
        bounded=not int(status["CapBnd"], 16) >> CAP_NET_RAW & 1,
        no_new_privileges=status.get("NoNewPrivs") == "1",
        file_capability=machine.file_capability(machine.interpreter),
    )


class Npcap(NamedTuple):
    """The packet capture driver of Windows."""

    folder: bool
    service: bool
    admin_only: bool
    administrator: bool
    legacy: bool  # WinPcap's library is in System32


def npcap(machine: Machine) -> Npcap:
    """Return the state of Npcap, and of WinPcap, its unmaintained predecessor."""
    system = machine.environ.get("SystemRoot", "C:/Windows").replace("\\", "/") + "/System32"
    return Npcap(
        folder=os.path.isdir(machine.system(f"{system}/Npcap")),
        service=machine.registry(NPCAP_KEY, "Start") is not None,
        admin_only=machine.registry(NPCAP_KEY + r"\Parameters", "AdminOnly") == 1,
        administrator=machine.is_administrator(),
        legacy=os.path.exists(machine.system(f"{system}/wpcap.dll")),
    )


def capture_devices(machine: Machine) -> dict[str, bool]:
    """Return the BPF devices of macOS, and whether this user may read each."""
    folder = machine.system("/dev")
    return {
        f"/dev/{name}": machine.can_read(os.path.join(folder, name))
        for name in sorted(os.listdir(folder))
        if name.startswith("bpf")
    }


def container(machine: Machine) -> str:
    """Return the container engine of this container; empty on a host."""
    for engine, path in (("docker", "/.dockerenv"), ("podman", "/run/.containerenv")):
        if os.path.exists(machine.system(path)):
            return engine
    return machine.environ.get("container", "")  # systemd's convention, lower case


def wsl(machine: Machine) -> bool:
    """Return whether this Linux runs inside Windows."""
    return "microsoft" in read_or(machine.system("/proc/version")).lower()
