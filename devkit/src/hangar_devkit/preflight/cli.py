"""The command `hangar preflight`."""

from __future__ import annotations

import argparse
import os
import sys

from hangar_devkit.preflight.declaration import MANAGERS, PURPOSES, SCOPES
from hangar_devkit.preflight.errors import DeclarationError
from hangar_devkit.preflight.machine import Machine
from hangar_devkit.preflight.pyproject import find, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from hangar_devkit.preflight.declaration import Declaration
    from hangar_devkit.preflight.run import Run

FORMATS = ("human", "json", "github")
COMMANDS = ("install", *MANAGERS)
EPILOG = """\
exit codes: 0 success or warnings only, 1 errors,
2 invalid declaration or command line
"""


def main(arguments: Sequence[str] | None = None, start: str = ".") -> int:
    """Run the command.

    Args:
        arguments: The command line; that of the process when ``None``.
        start: Directory of the project, or one below it.

    Returns:
        The exit code.
    """
    options = _parser().parse_args(arguments)
    try:
        declaration = load(find(options.project or start))
        if options.command:
            return _packages(declaration, options)
        _refuse_unknown_ids(declaration, options)
        if options.list or options.explain:
            return _explain(options)
        return _check(declaration, options)
    except DeclarationError as error:
        for problem in error.problems:
            print(f"hangar preflight: {problem}", file=sys.stderr)
        return 2


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """A formatter of 80 columns: to ask the terminal, argparse imports 5 ms of `shutil`."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=80)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hangar preflight",
        usage="hangar preflight [OPTION]... [install | apt | dnf | brew | winget]",
        description="Check this machine and suggest fixes.",
        epilog=EPILOG,
        formatter_class=_Formatter,
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=COMMANDS,
        metavar="COMMAND",
        help="install: install what is missing; apt, dnf, brew, winget: print declared packages",
    )
    parser.add_argument(
        "--for",
        dest="purpose",
        choices=PURPOSES,
        default="dev",
        metavar="PURPOSE",
        help="packages for runtime, for build, or for dev (the default), which includes both",
    )
    checks = parser.add_argument_group("checks")
    checks.add_argument(
        "--scope",
        action="append",
        choices=SCOPES,
        metavar="SCOPE",
        help="where the checks run: host, container, test or ci; repeatable; detected by default, "
        "except for host",
    )
    checks.add_argument(
        "--only",
        action="extend",
        type=_ids,
        default=[],
        metavar="ID",
        help="run PF301, or all of PF3; repeatable",
    )
    checks.add_argument(
        "--ignore",
        action="extend",
        type=_ids,
        default=[],
        metavar="ID",
        help="report errors of a check as warnings; repeatable",
    )
    checks.add_argument(
        "--strict", action="store_true", help="fail on warnings and on what could not be checked"
    )
    checks.add_argument(
        "--before-setup",
        action="store_true",
        help="skip what the setup of the project creates: environment, lock file, .env",
    )
    checks.add_argument(
        "--deep", action="store_true", help="also run other programs, which takes longer"
    )
    checks.add_argument("--project", metavar="DIR", help="directory of the project, or one below")
    output = parser.add_argument_group("output")
    output.add_argument(
        "--format", choices=FORMATS, default="human", metavar="FORMAT", help="human, json or github"
    )
    output.add_argument("-v", "--verbose", action="store_true", help="also show passed checks")
    output.add_argument(
        "--report", action="store_true", help="print a table without names and paths, for an issue"
    )
    output.add_argument("--list", action="store_true", help="list all checks")
    output.add_argument("--explain", type=str.upper, metavar="ID", help="explain a check")
    fixes = parser.add_argument_group("fixes")
    fixes.add_argument("--fix", action="store_true", help="apply safe fixes, then check again")
    fixes.add_argument(
        "--dry-run", action="store_true", help="with --fix or install: show what would be done"
    )
    return parser


def _ids(text: str) -> list[str]:
    return [part.strip().upper() for part in text.split(",") if part.strip()]


def _check(declaration: Declaration, options: argparse.Namespace) -> int:
    from hangar_devkit.preflight.run import exit_code

    machine = Machine(os.path.dirname(declaration.path))
    run = _run(declaration, options, machine)
    if options.fix:
        from hangar_devkit.preflight.fix import apply

        for line in apply(run.findings, machine, dry_run=options.dry_run):
            print(line, file=sys.stderr, flush=True)
        run = run if options.dry_run else _run(declaration, options, machine)
    _print(_rendered(run, machine, options))
    return exit_code(run.findings)


def _run(declaration: Declaration, options: argparse.Namespace, machine: Machine) -> Run:
    from hangar_devkit.preflight.facts import Facts
    from hangar_devkit.preflight.run import before_setup, default_scopes, run_checks

    scopes = tuple(options.scope or default_scopes(machine))
    run = run_checks(
        declaration,
        Facts(machine, scopes, deep=options.deep),
        only=tuple(options.only),
        ignore=tuple(options.ignore),
        strict=options.strict,
    )
    return before_setup(run) if options.before_setup else run


def _rendered(run: Run, machine: Machine, options: argparse.Namespace) -> str:
    # Each report is imported only where it is asked for.
    if options.report:
        from hangar_devkit.preflight.report import redacted

        return redacted.render(run, machine)
    if options.format == "json":
        from hangar_devkit.preflight.report import document

        return document.render(run)
    if options.format == "github":
        from hangar_devkit.preflight.report import github

        return github.render(run)
    from hangar_devkit.preflight.report import human

    style = human.style_of(sys.stdout, machine.environ)
    return human.render(run, style, verbose=options.verbose)


def _packages(declaration: Declaration, options: argparse.Namespace) -> int:
    if not declaration.readable:
        raise DeclarationError([f"{declaration.path}: reading it needs Python 3.11 or later"])
    if options.command == "install":
        from hangar_devkit.preflight.install import install

        machine = Machine(os.path.dirname(declaration.path))
        return install(declaration, machine, options.purpose, dry_run=options.dry_run)
    for name in declaration.packages(options.command, options.purpose):
        print(name)
    return 0


def _explain(options: argparse.Namespace) -> int:
    from hangar_devkit.preflight import explain

    _print(explain.explanation(options.explain) if options.explain else explain.listing())
    return 0


def _refuse_unknown_ids(declaration: Declaration, options: argparse.Namespace) -> None:
    from hangar_devkit.preflight.catalogue import unknown_ids

    requested = [*options.only, *options.ignore, *([options.explain] if options.explain else [])]
    problems = [f"unknown check {id!r}; --list shows all" for id in unknown_ids(requested)]
    problems += [
        f"{declaration.path}: tool.preflight.ignore: unknown check {id!r}; --list shows all"
        for id in unknown_ids(declaration.ignore)
    ]
    if problems:
        raise DeclarationError(problems)


def _print(text: str) -> None:
    """Print a text; replace what the encoding of the terminal does not have."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
