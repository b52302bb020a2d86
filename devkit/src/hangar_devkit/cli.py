"""The command `hangar`. It loads nothing but the subcommand that is asked for.

It runs on Python 3.9, from the wheel itself, before a project has an environment.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

# Subcommand: the module and function that run it, and a line for the help.
COMMANDS = {
    "preflight": ("hangar_devkit.preflight.cli:main", "check this machine and suggest fixes"),
    "contracts": ("hangar_devkit.contracts.cli:main", "export, check and mutate data contracts"),
    "history": ("hangar_devkit.history.cli:main", "show, share and merge the test history"),
    "triage": ("hangar_devkit.history.cli:triage_main", "rank what to fix next"),
    "lint-tests": ("hangar_devkit.lint.cli:main", "check how the tests are written"),
    "devcontainer": ("hangar_devkit.lint.devcontainer:main", "check devcontainer.json"),
    "docs": ("hangar_devkit.docs.cli:main", "write generated pages, report API changes"),
    "adr": ("hangar_devkit.decisions.cli:main", "create and check decision records"),
    "update": ("hangar_devkit.update.cli:main", "update the project from its template"),
}
# The other subcommands need what only Python 3.11 has, such as `tomllib`.
OLD_PYTHON = frozenset({"preflight"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand.

    Args:
        arguments: The command line; that of the process when ``None``.

    Returns:
        The exit code: 0 for success, 1 for findings, 2 for a command that could not run.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    name = words[0] if words else "--help"
    if name in ("-h", "--help"):
        print(_help())
        return 0
    if name == "--version":
        print(f"hangar {_version()}")
        return 0
    if name not in COMMANDS:
        known = ", ".join(COMMANDS)
        print(f"hangar: unknown command {name!r} (choose from {known})", file=sys.stderr)
        return 2
    if sys.version_info < (3, 11) and name not in OLD_PYTHON:
        found = ".".join(map(str, sys.version_info[:2]))
        print(
            f"hangar {name}: needs Python 3.11 or later, this is {found}. "
            f"Run: uv run --python 3.13 hangar {name}",
            file=sys.stderr,
        )
        return 2
    module, _, function = COMMANDS[name][0].partition(":")
    code: int = getattr(import_module(module), function)(words[1:])
    return code


def _help() -> str:
    width = max(map(len, COMMANDS)) + 2
    rows = "\n".join(f"  {name:<{width}}{text}" for name, (_, text) in COMMANDS.items())
    return (
        "usage: hangar COMMAND [OPTION]...\n\n"
        f"Development tooling for a Python project.\n\n{rows}\n\n"
        "hangar COMMAND --help shows the options of a command.\n"
        "Exit codes: 0 success, 1 findings, 2 the command could not run."
    )


def _version() -> str:
    """Return the version in the metadata beside the package: an environment's or a wheel's."""
    from importlib.metadata import distributions  # noqa: PLC0415 - costs 20 ms

    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found = [each.version for each in distributions(name="hangar-devkit", path=[root])]
    if not found:
        found = [each.version for each in distributions(name="hangar-devkit")]
    return found[0] if found else "(not installed)"
