"""Probes of memory, CPUs, disk, ports and kernel limits."""

from __future__ import annotations

import os
from typing import NamedTuple

from hangar_devkit.preflight.declaration import size
from hangar_devkit.preflight.machine import Machine, read, read_or

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
    for path in ("memory.max", "memory/memory.limit_in_bytes"):
        limit = read_or(machine.system(f"/sys/fs/cgroup/{path}")).strip()
        if limit.isdigit():
            limits.append(int(limit))
    return min(limits)


def cpus(machine: Machine) -> float:
    """Return the CPUs for this process: the control group's quota or the hardware."""
    available: float = machine.cpus()
    quota, _, period = read_or(machine.system("/sys/fs/cgroup/cpu.max")).partition(" ")
    if quota.isdigit():
        available = min(available, int(quota) / int(period))
    return available


def disk(machine: Machine) -> int:
    """Return the free bytes on the file system of the project."""
    return machine.disk_free(machine.project)


def port_is_free(machine: Machine, port: int) -> bool:
    """Return whether nothing listens on a port of the loopback interface."""
    return machine.port_is_free(port)


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
