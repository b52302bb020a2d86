"""Probes of memory, CPUs, GPUs, disk, ports and kernel limits."""

from __future__ import annotations

import os
from typing import NamedTuple

from hangar_devkit.preflight.declaration import size
from hangar_devkit.preflight.machine import Machine, read, read_or

GPU_NODES = ("nvidia0", "nvidiactl", "kfd", "dxg")  # NVIDIA, AMD, WSL
DEVCONTAINERS = (".devcontainer/devcontainer.json", ".devcontainer.json")


class Requirements(NamedTuple):
    """The `hostRequirements` of devcontainer.json, which nothing else enforces."""

    memory: int = 0
    disk: int = 0
    cpus: int = 0


def host_requirements(machine: Machine) -> Requirements:
    """Return the `hostRequirements` of the dev container: memory and storage in bytes."""
    for path in DEVCONTAINERS:
        text = read_or(machine.inside(*path.split("/")))
        if "hostRequirements" in text:
            import json

            wanted = json.loads(without_comments(text)).get("hostRequirements", {})
            return Requirements(
                size(str(wanted.get("memory", ""))),
                size(str(wanted.get("storage", ""))),
                int(wanted.get("cpus", 0)),
            )
    return Requirements()


def memory(machine: Machine) -> int:
    """Return the memory for this process in bytes: the control group's limit or the hardware."""
    limits = [machine.memory()]
    for folder in _control_groups(machine, "memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            limit = read_or(os.path.join(folder, name)).strip()
            if limit.isdigit():
                limits.append(int(limit))
    return min(limits)


def cpus(machine: Machine) -> float:
    """Return the CPUs for this process: the control group's quota or the hardware."""
    available: float = machine.cpus()
    for folder in _control_groups(machine, "cpu"):
        quota, _, period = read_or(os.path.join(folder, "cpu.max")).partition(" ")
        if not quota:
            quota = read_or(os.path.join(folder, "cpu.cfs_quota_us")).strip()
            period = read_or(os.path.join(folder, "cpu.cfs_period_us")) or "0"
        if quota.isdigit() and int(period):  # else "max", or -1 in version 1
            available = min(available, int(quota) / int(period))
    return available


def _control_groups(machine: Machine, controller: str) -> list[str]:
    """Return the directories of the control groups that limit this process, in both versions.

    A container sees its own group at the root of the mount; a process on the host has a path below.
    """
    root = machine.system("/sys/fs/cgroup")
    found = [root, os.path.join(root, controller)]
    for line in read_or(machine.system("/proc/self/cgroup")).splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        base = os.path.join(root, controllers) if controllers else root
        parts = [part for part in path.split("/") if part]
        found += [os.path.join(base, *parts[:depth]) for depth in range(len(parts), -1, -1)]
    return found


def gpus(machine: Machine) -> list[str]:
    """Return the devices through which a program reaches a GPU."""
    if machine.platform == "macos":
        return ["Metal"] if machine.arch == "arm64" else []
    if machine.platform == "windows":
        driver = "C:/Windows/System32/nvcuda.dll"
        return [driver] if os.path.exists(machine.system(driver)) else []
    return [f"/dev/{name}" for name in GPU_NODES if os.path.exists(machine.system(f"/dev/{name}"))]


def disk(machine: Machine) -> int:
    """Return the free bytes on the file system of the project."""
    return machine.disk_free(machine.project)


def port_problem(machine: Machine, port: int) -> str:
    """Return why no service could listen on a port: "in use", "not permitted", or nothing."""
    return machine.port_problem(port)


class Watches(NamedTuple):
    """The limits of inotify for a user."""

    files: int
    instances: int


def watches(machine: Machine) -> Watches | None:
    """Return the limits of inotify, or ``None`` where there is no inotify."""
    folder = machine.system("/proc/sys/fs/inotify")
    if not os.path.isdir(folder):
        return None
    return Watches(
        int(read(os.path.join(folder, "max_user_watches"))),
        int(read(os.path.join(folder, "max_user_instances"))),
    )


def open_files(machine: Machine) -> int:
    """Return the limit of open files for a process; 0 where there is none."""
    return machine.open_files()


def without_comments(text: str) -> str:
    """Return JSON without the comments and trailing commas that editors allow."""
    kept: list[str] = []
    quoted = False
    index = 0
    while index < len(text):
        if quoted:
            step = 2 if text[index] == "\\" else 1
            quoted = text[index] != '"'
            kept.append(text[index : index + step])
            index += step
        elif text.startswith("//", index):
            end = text.find("\n", index)
            index = len(text) if end < 0 else end
        elif text.startswith("/*", index):
            end = text.find("*/", index + 2)
            index = len(text) if end < 0 else end + 2
        else:
            quoted = text[index] == '"'
            if text[index] in "]}":
                while kept and kept[-1].isspace():
                    kept.pop()
                if kept and kept[-1] == ",":
                    kept.pop()
            kept.append(text[index])
            index += 1
    return "".join(kept)
