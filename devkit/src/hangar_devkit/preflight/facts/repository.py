"""Probes of the checkout: git's settings, its hooks, line endings, and the file system below."""

from __future__ import annotations

import os
from typing import NamedTuple

from hangar_devkit.preflight.machine import Machine, read, read_or

SCRIPT_FOLDERS = ("", ".devcontainer", "bin", "docker", "scripts", "tools")
INTERPRETER = "INSTALL_PYTHON="  # how a hook of pre-commit names the Python that installed it
DAY = 86400


def git_folder(machine: Machine) -> str:
    """The repository's `.git` folder, or an empty string; a worktree's is elsewhere."""
    path = machine.inside(".git")
    if os.path.isfile(path):
        path = os.path.join(machine.project, read(path).partition("gitdir:")[2].strip())
        common = read_or(os.path.join(path, "commondir")).strip()
        path = os.path.normpath(os.path.join(path, common))
    return path if os.path.isdir(path) else ""


def git_settings(machine: Machine) -> dict[str, str]:
    """Settings of git that matter here, such as `user.name`; the repository's own come last."""
    found: dict[str, str] = {}
    config = machine.environ.get("XDG_CONFIG_HOME") or os.path.join(machine.home, ".config")
    for path in (
        machine.system("/etc/gitconfig"),
        os.path.join(config, "git", "config"),
        os.path.join(machine.home, ".gitconfig"),
        os.path.join(git_folder(machine), "config"),
    ):
        section = ""
        for line in read_or(path).splitlines():
            text = line.strip()
            if text.startswith("["):
                section = text[1:].partition("]")[0].partition(" ")[0].lower()
            key, equals, value = text.partition("=")
            if equals and text[:1] not in ("#", ";", "["):
                found[f"{section}.{key.strip().lower()}"] = value.strip().strip('"')
    for part in ("name", "email"):
        if machine.environ.get(f"GIT_AUTHOR_{part.upper()}"):
            found[f"user.{part}"] = machine.environ[f"GIT_AUTHOR_{part.upper()}"]
    return found


class Hook(NamedTuple):
    """The hook that git runs before a commit."""

    wanted: bool  # the project has a configuration for it
    installed: bool
    problem: str = ""  # why git cannot start it


def hook(machine: Machine) -> Hook:
    """Whether the project's hooks run here."""
    wanted = os.path.exists(machine.inside(".pre-commit-config.yaml"))
    elsewhere = git_settings(machine).get("core.hookspath", "")
    folder = os.path.join(machine.project, os.path.expanduser(elsewhere))
    if not elsewhere:
        folder = os.path.join(git_folder(machine), "hooks")
    path = os.path.join(folder, "pre-commit")
    text = read_or(path)
    python = text.partition(INTERPRETER)[2].partition("\n")[0].strip("'\"")
    if python and not os.path.exists(python):
        return Hook(wanted, installed=True, problem=f"it wants {python}")
    if text and machine.platform != "windows" and not os.access(path, os.X_OK):
        return Hook(wanted, installed=True, problem=f"{path} is not executable")
    return Hook(wanted, installed=bool(text))


def carriage_returns(machine: Machine) -> list[str]:
    """Scripts and Dockerfiles whose lines end as on Windows; a shell cannot run those."""
    found = []
    for folder in SCRIPT_FOLDERS:
        path = machine.inside(folder) if folder else machine.project
        for name in sorted(os.listdir(path)) if os.path.isdir(path) else ():
            if name.endswith((".sh", ".bash")) or name.startswith("Dockerfile"):
                with open(os.path.join(path, name), "rb") as file:
                    if b"\r\n" in file.read(65536):
                        found.append(f"{folder}/{name}" if folder else name)
    return found


def case_insensitive(machine: Machine) -> bool:
    """Whether `pyproject.toml` can be read under another spelling."""
    path = machine.inside("pyproject.toml")
    other = machine.inside("PYPROJECT.TOML")
    return os.path.exists(other) and os.path.samefile(path, other)


def file_system(machine: Machine) -> str:
    """The type of the file system that holds the project; empty where nothing tells."""
    deepest, kind = "", ""
    for line in read_or(machine.system("/proc/self/mountinfo")).splitlines():
        fields = line.split(" ")
        point = fields[4].replace("\\040", " ")
        holds = f"{machine.project}/".startswith(point.rstrip("/") + "/")
        if holds and len(point) >= len(deepest):
            deepest, kind = point, fields[fields.index("-") + 1]
    return kind


def template_age(machine: Machine) -> int | None:
    """Days since the last update from the template, at least; ``None`` without a template.

    An update rewrites `.cruft.json`. A fresh clone makes the file young, never old.
    """
    path = machine.inside(".cruft.json")
    if not os.path.exists(path):
        return None
    return int(max(0, machine.now - os.stat(path).st_mtime) // DAY)


def rejected(machine: Machine) -> list[str]:
    """Parts of a template update that were not applied: `*.rej` at the top and in `tools`."""
    found = []
    for folder in ("", "tools"):
        path = machine.inside(folder) if folder else machine.project
        if os.path.isdir(path):
            found += [f"{folder}/{n}".lstrip("/") for n in os.listdir(path) if n.endswith(".rej")]
    return sorted(found)
