"""Probes of the lock, of what is installed, and of `.env`."""

from __future__ import annotations

import os
from typing import NamedTuple

from hangar_devkit.preflight.machine import Machine, read_or


class Lock(NamedTuple):
    """What `uv.lock` holds, read line by line: a parser of TOML would take ten times as long."""

    requires_python: str
    versions: dict[str, frozenset[str]]  # normalised name to its locked versions
    wanted: dict[str, frozenset[tuple[str, str]]]  # source path to (name, specifier) pairs


def lock(machine: Machine) -> Lock | None:
    """The project's lock, or ``None`` where there is none."""
    text = read_or(machine.inside("uv.lock"))
    if not text:
        return None
    head, *blocks = text.split("\n[[package]]\n")
    versions: dict[str, set[str]] = {}
    wanted = {}
    for block in blocks:
        name = _value(block, "name = ")
        versions.setdefault(name, set()).add(_value(block, "\nversion = "))
        source = _value(block, "\nsource = { editable = ") or _value(
            block, "\nsource = { virtual = "
        )
        if source:
            wanted[source] = _wanted(block.partition("\n[package.metadata]")[2])
    return Lock(
        _value(head, "\nrequires-python = "),
        {name: frozenset(found) for name, found in versions.items()},
        wanted,
    )


def requirement(text: str) -> tuple[str, str]:
    """The normalised name and the specifier of a requirement such as `a[b]>=1 ; marker`."""
    bare = text.partition(";")[0].partition("@")[0].partition("#")[0].replace(" ", "")
    end = next((i for i, c in enumerate(bare) if c in "[(<>=!~"), len(bare))
    specifier = bare[end:]
    if specifier.startswith("["):
        specifier = specifier.partition("]")[2]
    return normalised(bare[:end]), specifiers(specifier.strip("()"))


def normalised(name: str) -> str:
    """A distribution's name as the lock spells it."""
    return name.strip().lower().replace("_", "-").replace(".", "-")


def specifiers(text: str) -> str:
    """A version specifier whose parts are in order."""
    return ",".join(sorted(text.replace(" ", "").split(",")))


def installed(machine: Machine) -> dict[str, str]:
    """Normalised name to version of what is installed in the project's environment."""
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
    example: dict[str, str] | None  # None: there is no example


def dotenv(machine: Machine) -> Dotenv:
    """What `.env` and `.env.example` set."""
    path, example = machine.inside(".env"), machine.inside(".env.example")
    return Dotenv(
        os.path.exists(path),
        pairs(read_or(path)),
        pairs(read_or(example)) if os.path.exists(example) else None,
    )


def variables(machine: Machine) -> dict[str, str]:
    """Every variable a program of this project would see: `.env`, under the real environment."""
    return {**dotenv(machine).values, **machine.environ}


def pairs(text: str) -> dict[str, str]:
    """The `NAME=value` lines of a dotenv file, without quotes, `export` and comments."""
    found = {}
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if not equals or name.startswith("#"):
            continue
        value = value.strip()
        if value[:1] in ("'", '"'):
            value = value[1:].partition(value[0])[0]
        else:
            value = value.partition(" #")[0].rstrip()
        found[name.replace("export ", "", 1).strip()] = value
    return found


def uv(machine: Machine) -> str:
    """The path of uv, or an empty string."""
    return machine.which("uv")


def uv_version(machine: Machine) -> str:
    """What `uv --version` says; a subprocess."""
    return machine.run(["uv", "--version"]).partition(" ")[2].partition(" ")[0].strip()


def lock_is_current(machine: Machine) -> str:
    """What uv says against the lock, empty when it agrees; a subprocess."""
    try:
        machine.run(["uv", "lock", "--check", "--offline"])
    except OSError as error:
        return str(error)
    return ""


def members(machine: Machine, paths: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Workspace member to the requirements its manifest states."""
    from hangar_devkit.preflight.manifest import load

    found = {}
    for path in paths:
        if os.path.exists(machine.inside(path, "pyproject.toml")):
            manifest = load(machine.inside(path))
            found[path] = manifest.dependencies + manifest.extra_dependencies
    return found


def _value(block: str, key: str) -> str:
    """The quoted string after a key, or an empty string."""
    return block.partition(key + '"')[2].partition('"')[0] if key + '"' in block else ""


def _wanted(metadata: str) -> frozenset[tuple[str, str]]:
    found = set()
    for entry in metadata.split("{ ")[1:]:
        name = _value(entry, "name = ")
        if name:
            found.add((name, specifiers(_value(entry, "specifier = "))))
    return frozenset(found)
