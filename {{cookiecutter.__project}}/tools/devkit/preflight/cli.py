"""The `preflight` command."""

from __future__ import annotations

import argparse
import os
import sys

from devkit.preflight.declaration import MANAGERS, PURPOSES
from devkit.preflight.machine import Machine
from devkit.preflight.manifest import DeclarationError, find, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from devkit.preflight.declaration import Declaration
    from devkit.preflight.report import Run as RunType

FORMATS = ("human", "json", "github")
EPILOG = "Exit codes: 0 fine or warnings only, 1 errors, 2 a bad declaration or command line."


def main(argv: Sequence[str] | None = None, start: str = ".") -> int:
    """Run the command.

    Args:
        argv: Arguments; those of the process when ``None``.
        start: Directory from which the project is looked for, upwards.

    Returns:
        The exit code.
    """
    options = _parser().parse_args(argv)
    try:
        need = load(find(options.project or start))
        if options.manager:
            return _print_packages(need, options.manager, options.purpose)
        return _check(need, options)
    except DeclarationError as error:
        for problem in error.problems:
            print(f"preflight: {problem}", file=sys.stderr)
        return 2


def scopes_of(machine: Machine) -> tuple[str, ...]:
    """The scopes of a run that names none: ci, container, or a host and the tests on it."""
    from devkit.preflight.facts.native import container

    if machine.environ.get("CI", "").lower() in ("1", "true"):
        return ("ci",)
    return ("container",) if container(machine) else ("host", "test")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="preflight", description="Say what is wrong with this machine.", epilog=EPILOG
    )
    add = parser.add_argument
    add("manager", nargs="?", choices=MANAGERS, help="print the declared packages of a manager")
    add("--for", dest="purpose", choices=PURPOSES, default="dev", help="of those packages")
    add("--scope", action="append", choices=("host", "container", "test", "ci"), help="repeatable")
    add("--only", action="append", default=[], metavar="ID", help="PF301, or PF3; repeatable")
    add("--ignore", action="append", default=[], metavar="ID", help="its errors become warnings")
    add("--strict", action="store_true", help="warnings, and what could not be checked, are errors")
    add("--deep", action="store_true", help="also ask other programs, which takes longer")
    add("--format", choices=FORMATS, default="human")
    add("-v", "--verbose", action="store_true", help="also show what is fine")
    add("--list", action="store_true", help="list all checks")
    add("--explain", metavar="ID", help="say all about one check")
    add("--fix", action="store_true", help="apply the mends that are safe, then check again")
    add("--dry-run", action="store_true", help="with --fix: only say what would be done")
    add("--report", action="store_true", help="a table without names and paths, for a bug report")
    add("--project", metavar="DIR", help="where the project is looked for, upwards")
    return parser


def _print_packages(need: Declaration, manager: str, purpose: str) -> int:
    if not need.readable:
        raise DeclarationError([f"{need.path}: it takes Python 3.11 or later to read it"])
    for name in need.packages(manager, purpose):
        print(name)
    return 0


def _check(need: Declaration, options: argparse.Namespace) -> int:
    from devkit.preflight import catalogue
    from devkit.preflight.facts import Facts
    from devkit.preflight.report import Run
    from devkit.preflight.run import exit_code, run

    only, ignore = _ids(options.only), _ids(options.ignore)
    wanted = (*only, *ignore, *_ids([options.explain or "PF1"]))
    problems = [f"--only, --ignore, --explain: no check {i!r}" for i in catalogue.unknown_ids(wanted)]
    key = f"{need.path}: tool.preflight.ignore"
    problems += [f"{key}: no check {i!r} (--list shows them)" for i in catalogue.unknown_ids(need.ignore)]
    if problems:
        raise DeclarationError(problems)
    if options.list or options.explain:
        from devkit.preflight import explain

        _print(explain.listing() if options.list else explain.explanation(options.explain.upper()))
        return 0

    machine = Machine(os.path.dirname(need.path))
    scopes = tuple(options.scope or scopes_of(machine))

    def look() -> RunType:
        facts = Facts(machine, scopes, deep=options.deep)
        found = run(need, facts, only=only, ignore=ignore, strict=options.strict)
        python = ".".join(str(part) for part in machine.python)
        name = need.name or os.path.basename(machine.project)
        return Run(name, scopes, machine.platform, python, found)

    outcome = look()
    if options.fix:
        from devkit.preflight.fix import apply

        for line in apply(outcome.findings, machine, dry_run=options.dry_run):
            print(line, file=sys.stderr, flush=True)
        outcome = outcome if options.dry_run else look()
    _print(_rendered(outcome, machine, options))
    return exit_code(outcome.findings)


def _rendered(outcome: RunType, machine: Machine, options: argparse.Namespace) -> str:
    # Each form of report is imported only where it is asked for.
    if options.report:
        from devkit.preflight.report import redacted

        return redacted.render(outcome, machine)
    if options.format == "json":
        from devkit.preflight.report import document

        return document.render(outcome)
    if options.format == "github":
        from devkit.preflight.report import github

        return github.render(outcome)
    from devkit.preflight.report import human

    style = human.style_of(sys.stdout, machine.environ)
    return human.render(outcome, style, verbose=options.verbose)


def _ids(values: list[str]) -> tuple[str, ...]:
    return tuple(part.strip().upper() for value in values for part in value.split(",") if part.strip())


def _print(text: str) -> None:
    """Print, with what the terminal's encoding lacks replaced."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
