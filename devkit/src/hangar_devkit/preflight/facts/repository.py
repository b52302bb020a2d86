"""Probes of the repository: git settings, hooks, line endings, the template, the file system."""

from __future__ import annotations

import os
from typing import NamedTuple

from hangar_devkit.mounts import mounted_type
from hangar_devkit.preflight.errors import UncheckedError
from hangar_devkit.preflight.machine import Machine, read, read_or

SCRIPT_DIRECTORIES = (
    *("", ".devcontainer", "bin", "docker", "scripts"),
    *("tools", "tools/ci", "tools/container", "tools/hooks"),
)
# What opening the dev container, a git command or a session runs on the host: see SECURITY.md.
EXECUTED = (
    *(".devcontainer/devcontainer.json", "tools/hangar.py", "noxfile.py", "nox_local.py"),
    *(".pre-commit-config.yaml", ".git/config", "compose.yaml", "Dockerfile"),
)
EXECUTED_DIRECTORIES = ("tools/hooks", "tools/container")
INTERPRETER = "INSTALL_PYTHON="  # how a hook of pre-commit names the Python that installed it
DAY = 86400


class Repository(NamedTuple):
    """The repository that holds the project."""

    top: str  # of the working tree
    directory: str  # with settings and hooks; for a linked worktree that of its main repository
    named: str = ""  # what `.git` names where it is a file: a linked worktree, or a submodule
    missing: bool = False  # whether that does not exist here


def repository(machine: Machine) -> Repository | None:
    """Return the repository in the project's directory or above it, as git finds it."""
    top = machine.project
    while True:
        path = os.path.join(top, ".git")
        if os.path.isfile(path):
            return _linked(top, read(path).partition("gitdir:")[2].strip())
        if os.path.isfile(os.path.join(path, "HEAD")):
            return Repository(top, path)
        above = os.path.dirname(top)
        if above == top:
            return None
        top = above


def _linked(top: str, named: str) -> Repository:
    path = os.path.normpath(os.path.join(top, named))
    if not named or not os.path.isdir(path):
        return Repository(top, path, named or "nothing", missing=True)
    common = read_or(os.path.join(path, "commondir")).strip()
    return Repository(top, os.path.normpath(os.path.join(path, common)), named)


def git_settings(machine: Machine) -> dict[str, str]:
    """Return the settings of git, such as `user.name`; those of the repository prevail.

    The files are read here, which costs nothing; git is run where they are not all that counts.

    Raises:
        UncheckedError: git has to be run, and fails.
    """
    found = _read_settings(machine)
    plain = "include.path" not in found and "includeif.path" not in found
    if plain and not any(name.startswith("GIT_CONFIG") for name in machine.environ):
        return found
    return all_git_settings(machine)


def all_git_settings(machine: Machine) -> dict[str, str]:
    """Return the settings as git itself reads them, from every source; a subprocess.

    Raises:
        UncheckedError: git is not installed, or fails.
    """
    try:
        listed = machine.run(["git", "config", "--list", "--null", "--includes"])
    except OSError as error:
        raise UncheckedError(
            f"the settings of git take git itself: {str(error).splitlines()[0]}"
        ) from error
    pairs = (entry.partition("\n") for entry in listed.split("\0"))
    return {key.lower(): value for key, _, value in pairs if key}


def missing_identity(machine: Machine) -> list[str]:
    """Return which of name and address an author or a committer has not, from every source."""
    missing = _without_identity(machine, git_settings(machine))
    return _without_identity(machine, all_git_settings(machine)) if missing else []


def _without_identity(machine: Machine, settings: dict[str, str]) -> list[str]:
    missing = []
    for part in ("name", "email"):
        common = settings.get(f"user.{part}") or (part == "email" and machine.environ.get("EMAIL"))
        for role in ("author", "committer"):
            variable = machine.environ.get(f"GIT_{role.upper()}_{part.upper()}")
            if not (variable or settings.get(f"{role}.{part}") or common):
                missing.append(f"user.{part}")
    return sorted(set(missing), reverse=True)


def _read_settings(machine: Machine) -> dict[str, str]:
    found: dict[str, str] = {}
    config = machine.environ.get("XDG_CONFIG_HOME") or os.path.join(machine.home, ".config")
    here = repository(machine)
    for path in (
        machine.system("/etc/gitconfig"),
        os.path.join(config, "git", "config"),
        os.path.join(machine.home, ".gitconfig"),
        os.path.join(here.directory if here else "", "config"),
    ):
        section = ""
        for line in read_or(path).splitlines():
            text = line.strip()
            if text.startswith("["):
                header, _, text = text[1:].partition("]")
                section = header.partition(" ")[0].lower()
            key, equals, value = text.partition("=")
            if equals and text.strip()[:1] not in ("#", ";"):
                found[f"{section}.{key.strip().lower()}"] = value.strip().strip('"')
    return found


class Hook(NamedTuple):
    """The hook that git runs before a commit."""

    configured: bool  # whether the project has a configuration for it
    installed: bool
    problem: str = ""  # why git cannot run it


def hook(machine: Machine) -> Hook:
    """Return whether the project's hooks run here."""
    configured = os.path.exists(machine.inside(".pre-commit-config.yaml"))
    here = repository(machine)
    elsewhere = git_settings(machine).get("core.hookspath", "")
    folder = os.path.join(here.top if here else "", os.path.expanduser(elsewhere))
    if here and not elsewhere:
        folder = os.path.join(here.directory, "hooks")
    path = os.path.join(folder, "pre-commit")
    text = read_or(path)
    python = text.partition(INTERPRETER)[2].partition("\n")[0].strip("'\"")
    if python and not os.path.exists(python):
        return Hook(configured, installed=True, problem=f"it requires {python}")
    if text and machine.platform != "windows" and not os.access(path, os.X_OK):
        return Hook(configured, installed=True, problem=f"{path} is not executable")
    return Hook(configured, installed=bool(text))


def executed_files(machine: Machine) -> list[str]:
    """Return the files of the project that programs on the host execute, as far as they exist."""
    found = [name for name in EXECUTED if os.path.isfile(machine.inside(*name.split("/")))]
    for folder in EXECUTED_DIRECTORIES:
        path = machine.inside(*folder.split("/"))
        if os.path.isdir(path):
            found += [f"{folder}/{name}" for name in sorted(os.listdir(path))]
    return found


def writable_by_others(machine: Machine, names: tuple[str, ...]) -> list[str]:
    """Return which files another user owns, but root, or may write; none on Windows."""
    if machine.uid is None:
        return []
    found = []
    for name in names:
        status = os.stat(machine.inside(*name.split("/")))
        if status.st_mode & 0o002 or status.st_uid not in (machine.uid, 0):
            found.append(name)
    return found


def carriage_returns(machine: Machine) -> list[str]:
    """Return scripts and Dockerfiles with Windows line endings, which no shell can run."""
    found = []
    for folder in SCRIPT_DIRECTORIES:
        path = machine.inside(folder) if folder else machine.project
        for name in sorted(os.listdir(path)) if os.path.isdir(path) else ():
            file = os.path.join(path, name)
            # A directory or a pipe is no script; opening a pipe would wait for ever.
            if os.path.isfile(file) and _has_carriage_return(file):
                found.append(f"{folder}/{name}" if folder else name)
    return found


def _has_carriage_return(path: str) -> bool:
    """Return whether a file is a script or a Dockerfile with Windows line endings."""
    name = os.path.basename(path)
    with open(path, "rb") as file:
        start = file.read(2)
        named = name.endswith((".sh", ".bash")) or name.startswith("Dockerfile")
        return (named or start == b"#!") and b"\r\n" in start + file.read(65536)


def case_insensitive(machine: Machine) -> bool:
    """Return whether `pyproject.toml` can be read in upper case, too."""
    # The numbers of the files would not show it: exFAT by FUSE has one for each spelling.
    other = "PYPROJECT.TOML"
    return machine.can_read(machine.inside(other)) and other not in os.listdir(machine.project)


def file_system(machine: Machine) -> str:
    """Return the type of the project's file system; empty where it is unknown."""
    mountinfo = read_or(machine.system("/proc/self/mountinfo"))
    return mounted_type(machine.project, mountinfo)


def template_age(machine: Machine) -> int | None:
    """Return the days since the last template update, at least; ``None`` without a template.

    An update rewrites `.cruft.json`. A fresh clone makes the file young, never old.
    """
    path = machine.inside(".cruft.json")
    if not os.path.exists(path):
        return None
    return int(max(0, machine.now - os.stat(path).st_mtime) // DAY)


def rejected(machine: Machine) -> list[str]:
    """Return rejected parts of a template update: `*.rej` at the top and in `tools`."""
    found = []
    for folder in ("", "tools"):
        path = machine.inside(folder) if folder else machine.project
        if os.path.isdir(path):
            found += [f"{folder}/{n}".lstrip("/") for n in os.listdir(path) if n.endswith(".rej")]
    return sorted(found)


class Devkit(NamedTuple):
    """How the project carries hangar-devkit in `tools`."""

    wheels: list[str]  # file names
    unpacked: bool  # whether its sources are there


def devkit(machine: Machine) -> Devkit:
    """Return the wheels and the unpacked sources of hangar-devkit in `tools`."""
    tools = machine.inside("tools")
    names = sorted(os.listdir(tools)) if os.path.isdir(tools) else []
    return Devkit(
        [name for name in names if name.startswith("hangar_devkit-") and name.endswith(".whl")],
        os.path.isdir(os.path.join(tools, "hangar-devkit", "src")),
    )
