"""Probes of the interpreter and of the project's virtual environment."""

from __future__ import annotations

import os
from typing import NamedTuple

from hangar_devkit.preflight.machine import Machine, read_or
from hangar_devkit.preflight.versions import release


class Interpreter(NamedTuple):
    """The Python that runs the preflight."""

    version: str
    bits: int
    gil: bool


class Environment(NamedTuple):
    """A virtual environment, as its files describe it."""

    path: str
    exists: bool
    built_for: str = ""  # "posix" or "windows", by the layout of its folders
    built_at: str = ""  # the path it was created at, where it is recorded
    starts: bool = False  # whether its interpreter exists
    python: str = ""  # version
    active: str = ""  # the one that VIRTUAL_ENV names


def interpreter(machine: Machine) -> Interpreter:
    """Return the running interpreter."""
    return Interpreter(".".join(str(part) for part in machine.python), machine.bits, machine.gil)


def environment(machine: Machine) -> Environment:
    """Return the project's virtual environment."""
    path = machine.environment
    active = machine.environ.get("VIRTUAL_ENV", "")
    settings = read_or(os.path.join(path, "pyvenv.cfg"))
    if not settings:
        return Environment(path, exists=False, active=active)
    values = {}
    for line in settings.splitlines():
        key, _, value = line.partition("=")
        values[key.strip()] = value.strip()
    version = values.get("version_info") or values.get("version") or ""  # 3.13.0.final.0 in some
    windows = os.path.isdir(os.path.join(path, "Scripts"))
    folder, program = ("Scripts", "python.exe") if windows else ("bin", "python")
    return Environment(
        path,
        exists=True,
        built_for="windows" if windows else "posix",
        built_at=_built_at(read_or(os.path.join(path, folder, "activate"))),
        starts=os.path.exists(os.path.join(path, folder, program)),
        python=".".join(str(number) for number in release(version)),
        active=active,
    )


def image_python(machine: Machine) -> str:
    """Return the version of Python that the Dockerfile names, or an empty string."""
    for line in read_or(machine.inside("Dockerfile")).splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "ARG PYTHON_VERSION":
            return value.strip()
    return ""


def _built_at(activate: str) -> str:
    for line in activate.splitlines():
        name, _, value = line.strip().partition("=")
        value = value.strip("'\"")
        if name in ("VIRTUAL_ENV", "export VIRTUAL_ENV") and os.path.isabs(value):
            return value
    return ""
