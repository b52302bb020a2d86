"""The `preflight` command."""

from __future__ import annotations

import os
import sys

from hangar_devkit.ci import in_ci
from hangar_devkit.preflight.machine import Machine
from hangar_devkit.preflight.manifest import DeclarationError, find, load
from hangar_devkit.preflight.options import HELP, UsageError, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from hangar_devkit.preflight.declaration import Declaration
    from hangar_devkit.preflight.options import Options
    from hangar_devkit.preflight.report import Run


def main(argv: Sequence[str] | None = None, start: str = ".") -> int:
    """Run the command.

    Args:
        argv: Arguments; those of the process when ``None``.
        start: Directory from which the project is looked for, upwards.

    Returns:
        The exit code.
    """
    try:
        options = parse(sys.argv[1:] if argv is None else argv)
        if "help" in options.flags:
            _print(HELP)
            return 0
        need = load(find(options.project or start))
        if options.command:
            return _packages(need, options)
        _refuse_unknown_ids(need, options)
        if "list" in options.flags or options.explain:
            return _explain(options)
        return _check(need, options)
    except UsageError as error:
        print(f"preflight: {error}", file=sys.stderr)
    except DeclarationError as error:
        for problem in error.problems:
            print(f"preflight: {problem}", file=sys.stderr)
    return 2


def scopes_of(machine: Machine) -> tuple[str, ...]:
    """The scopes of a run that names none. Who hosts no containers is not asked for an engine."""
    from hangar_devkit.preflight.facts.native import container

    if in_ci(machine.environ):
        return ("ci",)
    return ("container",) if container(machine) else ("test",)


def look(need: Declaration, options: Options, machine: Machine) -> Run:
    """Check a machine against a declaration."""
    from hangar_devkit.preflight.facts import Facts
    from hangar_devkit.preflight.report import Run
    from hangar_devkit.preflight.run import run

    scopes = options.scopes or scopes_of(machine)
    facts = Facts(machine, scopes, deep="deep" in options.flags)
    strict = "strict" in options.flags
    findings = run(need, facts, only=options.only, ignore=options.ignore, strict=strict)
    name = need.name or os.path.basename(machine.project)
    python = ".".join(str(part) for part in machine.python)
    return Run(name, scopes, machine.platform, python, findings)


def _check(need: Declaration, options: Options) -> int:
    from hangar_devkit.preflight.run import exit_code

    machine = Machine(os.path.dirname(need.path))
    outcome = look(need, options, machine)
    if "fix" in options.flags:
        from hangar_devkit.preflight.fix import apply

        dry_run = "dry-run" in options.flags
        for line in apply(outcome.findings, machine, dry_run=dry_run):
            print(line, file=sys.stderr, flush=True)
        outcome = outcome if dry_run else look(need, options, machine)
    _print(_rendered(outcome, machine, options))
    return exit_code(outcome.findings)


def _rendered(outcome: Run, machine: Machine, options: Options) -> str:
    # Each form of report is imported only where it is asked for.
    if "report" in options.flags:
        from hangar_devkit.preflight.report import redacted

        return redacted.render(outcome, machine)
    if options.format == "json":
        from hangar_devkit.preflight.report import document

        return document.render(outcome)
    if options.format == "github":
        from hangar_devkit.preflight.report import github

        return github.render(outcome)
    from hangar_devkit.preflight.report import human

    style = human.style_of(sys.stdout, machine.environ)
    return human.render(outcome, style, verbose="verbose" in options.flags)


def _packages(need: Declaration, options: Options) -> int:
    if not need.readable:
        raise DeclarationError([f"{need.path}: it takes Python 3.11 or later to read it"])
    if options.command == "install":
        from hangar_devkit.preflight.install import install

        machine = Machine(os.path.dirname(need.path))
        return install(need, machine, options.purpose, dry_run="dry-run" in options.flags)
    for name in need.packages(options.command, options.purpose):
        print(name)
    return 0


def _explain(options: Options) -> int:
    from hangar_devkit.preflight import explain

    _print(explain.explanation(options.explain) if options.explain else explain.listing())
    return 0


def _refuse_unknown_ids(need: Declaration, options: Options) -> None:
    from hangar_devkit.preflight.catalogue import unknown_ids

    asked = options.only + options.ignore + ((options.explain,) if options.explain else ())
    problems = [f"no check {id!r} (allowed: what --list shows)" for id in unknown_ids(asked)]
    problems += [
        f"{need.path}: tool.preflight.ignore: no check {id!r} (allowed: what --list shows)"
        for id in unknown_ids(need.ignore)
    ]
    if problems:
        raise DeclarationError(problems)


def _print(text: str) -> None:
    """Print, with what the terminal's encoding lacks replaced."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
