"""Probes of the test suite: what its tests require by name, and what they import."""

from __future__ import annotations

import os
import re

from hangar_devkit.preflight.machine import read_or

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hangar_devkit.preflight.machine import Machine

NO_TESTS = ("node_modules", "venv", "build", "dist", "site")  # as well as hidden directories


def required_names(machine: Machine, testpaths: tuple[str, ...]) -> frozenset[str]:
    """Return the names in all `requires(...)` markers, read from the sources of the tests.

    The sources are read, as the answer is needed before anything is imported: a test module whose
    library is missing may fail to import, and the controller of xdist collects no tests.
    """
    found = set()
    for path in testpaths or ("",):
        for file in _sources(machine.inside(path)):
            found |= _required(file)
    return frozenset(found)


def imported(machine: Machine, testpaths: tuple[str, ...], names: frozenset[str]) -> frozenset[str]:
    """Return those of some normalised names of packages that the tests import."""
    modules = {name.replace("-", "_"): name for name in names}
    pattern = re.compile(rf"^[ \t]*(?:from|import)[ \t]+({'|'.join(modules)})\b", re.MULTILINE)
    return frozenset(
        modules[module]
        for path in testpaths or ("",)
        for file in _sources(machine.inside(path))
        for module in pattern.findall(read_or(file))
    )


def _sources(start: str) -> Iterator[str]:
    if os.path.isfile(start):
        yield start
    for folder, folders, files in os.walk(start):
        folders[:] = [n for n in folders if not n.startswith(".") and n not in NO_TESTS]
        yield from (os.path.join(folder, name) for name in files if name.endswith(".py"))


def _required(file: str) -> set[str]:
    try:
        with open(file, "rb") as stream:
            source = stream.read()
        if b"requires(" not in source:
            return set()
        import ast  # only where it is needed: this runs before every test session

        tree = ast.parse(source)
    except (OSError, SyntaxError, ValueError):  # pytest reports it
        return set()
    return {
        argument.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "requires"
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
