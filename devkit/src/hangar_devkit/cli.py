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
    "hook": ("hangar_devkit.hooks.cli:main", "check files before a commit"),
    "docs": ("hangar_devkit.docs.cli:main", "write generated pages, report API changes"),
    "adr": ("hangar_devkit.decisions.cli:main", "create and check decision records"),
    "container": ("hangar_devkit.container:main", "run a command in the development image"),
    "build": ("hangar_devkit.release.cli:build_main", "build and test sdist and wheel"),
    "image": ("hangar_devkit.release.cli:image_main", "build and test the runtime image"),
    "release": ("hangar_devkit.release.cli:main", "check a release, and tag it"),
    "update": ("hangar_devkit.update.cli:main", "update the project from its template"),
    "adopt": ("hangar_devkit.adopt.cli:main", "bring an existing project under the template"),
    "unpack": ("hangar_devkit.unpack:main", "replace the wheel in tools/ by its sources"),
    "completion": ("hangar_devkit.completion:main", "print the completion script of a shell"),
}
# The other subcommands need what only Python 3.11 has, such as `tomllib`.
OLD_PYTHON = frozenset({"preflight", "container"})
# Commands of v0.1.0, and what replaces each.
RENAMED = {
    "testlint": "lint-tests",
    "devcontainer": "hook schemas",
    "pages": "docs pages",
    "api-changes": "docs api-changes",
}
EPILOG = """\
hangar COMMAND --help shows the options of a command.

Exit codes: 0 success, 1 findings, 2 the command could not run, 130 interrupted,
141 the output was closed.

Shell completion is one line in the file that your shell reads at startup:
  bash  eval "$(hangar completion bash)"
  zsh   eval "$(hangar completion zsh)"
  fish  hangar completion fish | source"""
INTERRUPTED = 130  # 128 + SIGINT, as shells report it
OUTPUT_CLOSED = 141  # 128 + SIGPIPE


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand.

    Args:
        arguments: The command line; that of the process when ``None``.

    Returns:
        The exit code, as the help lists them.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if "_ARGCOMPLETE" in os.environ:
            from hangar_devkit.completion import complete  # noqa: PLC0415 - only for a shell

            complete(COMMANDS)
        try:
            return _run(words)
        finally:  # `argparse` ends the help of a subcommand with SystemExit
            sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes standard output once more at its end, and must not fail there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OUTPUT_CLOSED
    except KeyboardInterrupt:
        print("hangar: interrupted", file=sys.stderr)
        return INTERRUPTED


def _run(words: list[str]) -> int:
    name = words[0] if words else "--help"
    if name in ("-h", "--help"):
        print(_help())
        return 0
    if name == "--version":
        print(f"hangar {_version()}")
        return 0
    if name not in COMMANDS:
        print(f"hangar: {_unknown(name)}", file=sys.stderr)
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
    try:
        code: int = getattr(import_module(module), function)(words[1:])
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in ("", "hangar_devkit"):
            raise
        print(
            f"hangar {name}: needs the module {missing}, which is not installed in this "
            "environment. Install it, then run again.",
            file=sys.stderr,
        )
        return 2
    return code


def _help() -> str:
    width = max(map(len, COMMANDS)) + 2
    rows = "\n".join(f"  {name:<{width}}{text}" for name, (_, text) in COMMANDS.items())
    return (
        "usage: hangar COMMAND [OPTION]...\n\n"
        f"Development tooling for a Python project.\n\n{rows}\n\n{EPILOG}"
    )


def _unknown(name: str) -> str:
    """Return what is wrong with the name of a command, with what to type in its place."""
    if name in RENAMED:
        return f"{name} is now: hangar {RENAMED[name]}"
    from difflib import get_close_matches  # noqa: PLC0415 - only for a mistake

    close = get_close_matches(name, COMMANDS, n=1)
    if close:
        return f"unknown command {name!r}. Did you mean: hangar {close[0]}"
    return f"unknown command {name!r} (choose from {', '.join(COMMANDS)})"


def _version() -> str:
    """Return the version in the metadata beside the package: an environment's or a wheel's."""
    from importlib.metadata import distributions  # noqa: PLC0415 - costs 20 ms

    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found = [each.version for each in distributions(name="hangar-devkit", path=[root])]
    if not found:
        found = [each.version for each in distributions(name="hangar-devkit")]
    return found[0] if found else "(not installed)"
