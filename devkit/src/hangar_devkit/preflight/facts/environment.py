"""Probes of the lock file, the installed packages and `.env`."""

from __future__ import annotations

import os
from typing import NamedTuple

from hangar_devkit.dotenv import expand, parse
from hangar_devkit.preflight.lock import Head, Recorded, head, recorded
from hangar_devkit.preflight.machine import Machine, read_or
from hangar_devkit.preflight.versions import normalised

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hangar_devkit.preflight.declaration import Declaration


class Lock(NamedTuple):
    """The content of `uv.lock`, read line by line: a TOML parser takes ten times as long."""

    head: Head
    versions: dict[str, frozenset[str]]  # normalised name to its locked versions
    recorded: dict[str, Recorded]  # by the path of the manifest


def lock(machine: Machine) -> Lock | None:
    """Return the content of the lock file, or ``None`` where there is none."""
    text = read_or(machine.inside("uv.lock"))
    if not text:
        return None
    start, *blocks = text.split("\n[[package]]\n")
    versions: dict[str, set[str]] = {}
    manifests = {}
    for block in blocks:
        name = _value(block, "name = ")
        versions.setdefault(name, set()).add(_value(block, "\nversion = "))
        source = _value(block, "\nsource = { editable = ") or _value(
            block, "\nsource = { virtual = "
        )
        if source:
            manifests[source] = recorded(block)
    return Lock(
        head(start), {name: frozenset(found) for name, found in versions.items()}, manifests
    )


def installed(machine: Machine) -> dict[str, str]:
    """Return the normalised names and versions of the packages in the project's environment."""
    library = os.path.join(machine.environment, "lib")
    folders = [os.path.join(machine.environment, "Lib", "site-packages")]
    if os.path.isdir(library):
        folders += [
            os.path.join(library, name, "site-packages")
            for name in os.listdir(library)
            if name.startswith("python")
        ]
    found = {}
    for folder in folders:
        for entry in os.listdir(folder) if os.path.isdir(folder) else ():
            if entry.endswith(".dist-info"):
                name, _, version = entry[: -len(".dist-info")].rpartition("-")
                found[normalised(name)] = version
    return found


class Dotenv(NamedTuple):
    """The variables of `.env` and of its example."""

    exists: bool
    values: dict[str, str]
    example: dict[str, str] | None  # None without an example


def dotenv(machine: Machine) -> Dotenv:
    """Return the variables that `.env` and `.env.example` set."""
    path, example = machine.inside(".env"), machine.inside(".env.example")
    return Dotenv(
        os.path.exists(path),
        parse(read_or(path)),
        parse(read_or(example)) if os.path.exists(example) else None,
    )


def variables(machine: Machine) -> dict[str, str]:
    """Return the variables that a program of this project sees: `.env`, then the environment."""
    return {**expand(dotenv(machine).values, machine.environ), **machine.environ}


def uv(machine: Machine) -> str:
    """Return the path of uv, or an empty string."""
    return machine.which("uv")


def uv_version(machine: Machine) -> str:
    """Return the version that `uv --version` prints; a subprocess."""
    return machine.run(["uv", "--version"]).partition(" ")[2].partition(" ")[0].strip()


def lock_is_current(machine: Machine) -> bool | None:
    """Return the answer of `uv lock --check`, a subprocess; ``None`` where uv cannot resolve."""
    try:
        machine.run(["uv", "lock", "--check", "--offline"])
    except OSError as error:
        return False if "needs to be updated" in str(error) else None
    return True


def members(machine: Machine, patterns: tuple[str, ...]) -> dict[str, Declaration]:
    """Return the declarations of the workspace members by path."""
    if not patterns:
        return {}
    from glob import glob

    from hangar_devkit.preflight.pyproject import load

    found = {}
    for pattern in patterns:
        for manifest in sorted(glob(machine.inside(pattern, "pyproject.toml"))):
            folder = os.path.dirname(manifest)
            path = os.path.relpath(folder, machine.project).replace(os.sep, "/")
            found[path] = load(folder)
    return found


def _value(block: str, key: str) -> str:
    """Return the quoted string after a key, or an empty string."""
    return block.partition(key + '"')[2].partition('"')[0] if key + '"' in block else ""
