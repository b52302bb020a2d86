"""Probes of memory, processors, disk, ports and the kernel's limits."""

from __future__ import annotations

import os
from typing import NamedTuple

from hangar_devkit.preflight.declaration import size
from hangar_devkit.preflight.machine import Machine, read, read_or

DEVCONTAINERS = (".devcontainer/devcontainer.json", ".devcontainer.json")


class Requirements(NamedTuple):
    """What devcontainer.json asks of its host; nothing else enforces it."""

    memory: int = 0
    disk: int = 0
    cpus: int = 0


def host_requirements(machine: Machine) -> Requirements:
    """The `hostRequirements` of the dev container: memory and storage in bytes."""
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
    """Bytes of memory this process may use: the control group's limit, or what is built in."""
    limits = [machine.memory()]
    for path in ("memory.max", "memory/memory.limit_in_bytes"):
        limit = read_or(machine.system(f"/sys/fs/cgroup/{path}")).strip()
        if limit.isdigit():
            limits.append(int(limit))
    return min(limits)


def cpus(machine: Machine) -> float:
    """Processors this process may use: the control group's quota, or what is built in."""
    available: float = machine.cpus()
    quota, _, period = read_or(machine.system("/sys/fs/cgroup/cpu.max")).partition(" ")
    if quota.isdigit():
        available = min(available, int(quota) / int(period))
    return available


def disk(machine: Machine) -> int:
    """Bytes that are free where the project lies."""
    return machine.disk_free(machine.project)


def port_is_free(machine: Machine, port: int) -> bool:
    """Whether nothing listens on a port of the loopback interface."""
    return machine.port_is_free(port)


class Watches(NamedTuple):
    """How many files and how many programs the kernel lets a user watch."""

    files: int
    instances: int


def watches(machine: Machine) -> Watches | None:
    """The limits of inotify, or ``None`` where there is no inotify."""
    folder = machine.system("/proc/sys/fs/inotify")
    if not os.path.isdir(folder):
        return None
    return Watches(
        int(read(os.path.join(folder, "max_user_watches"))),
        int(read(os.path.join(folder, "max_user_instances"))),
    )


def open_files(machine: Machine) -> int:
    """How many files one process may have open; 0 where there is no such limit."""
    return machine.open_files()


def without_comments(text: str) -> str:
    """JSON out of the JSON with comments and trailing commas that editors allow."""
    kept: list[str] = []
    quoted = False
    at = 0
    while at < len(text):
        if quoted:
            step = 2 if text[at] == "\\" else 1
            quoted = text[at] != '"'
            kept.append(text[at : at + step])
            at += step
        elif text.startswith("//", at):
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif text.startswith("/*", at):
            end = text.find("*/", at + 2)
            at = len(text) if end < 0 else end + 2
        else:
            quoted = text[at] == '"'
            if text[at] in "]}":
                while kept and kept[-1].isspace():
                    kept.pop()
                if kept and kept[-1] == ",":
                    kept.pop()
            kept.append(text[at])
            at += 1
    return "".join(kept)
