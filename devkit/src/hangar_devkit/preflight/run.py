"""Run the checks: choose the relevant ones, evaluate each, and decide how severe the result is."""

from __future__ import annotations

import os
from typing import NamedTuple

from hangar_devkit.ci import in_ci
from hangar_devkit.preflight.catalogue import CHECKS, REQUIRABLE, selects
from hangar_devkit.preflight.errors import UncheckedError
from hangar_devkit.preflight.facts.native import container
from hangar_devkit.preflight.facts.suite import required_names
from hangar_devkit.preflight.verdicts import unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hangar_devkit.preflight.declaration import Declaration
    from hangar_devkit.preflight.facts import Facts
    from hangar_devkit.preflight.machine import Machine
    from hangar_devkit.preflight.verdicts import Check, Verdict

CREATED_BY_SETUP = ("PF103", "PF201", "PF205")
STATES = ("error", "warn", "unknown", "ok", "skip")
NO_TOML = "this Python cannot read pyproject.toml; 3.11 or later can"


class Finding(NamedTuple):
    """A verdict with everything that a report shows."""

    id: str
    title: str
    state: str  # one of STATES
    found: str
    why: str
    fix: str  # empty where nothing is wrong
    subject: str
    ignored: bool  # an error that was demoted to a warning


class Run(NamedTuple):
    """One run of the checks."""

    project: str
    scopes: tuple[str, ...]
    platform: str
    python: str
    findings: list[Finding]


def default_scopes(machine: Machine) -> tuple[str, ...]:
    """Return the scopes of a run that names none. Only `host` asks for a container engine."""
    if in_ci(machine.environ):
        return ("ci",)
    return ("container",) if container(machine) else ("test",)


def run_checks(
    declaration: Declaration,
    facts: Facts,
    *,
    only: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    strict: bool = False,
) -> Run:
    """Run the checks that are relevant in the scopes of the facts.

    Args:
        declaration: What the project requires.
        facts: Facts about the machine, which name the scopes.
        only: IDs, or their beginnings, of the checks to run; all when empty.
        ignore: IDs whose errors become warnings. Nothing is hidden.
        strict: Whether warnings that are not ignored, and what could not be checked, are errors.
    """
    findings = []
    for check in CHECKS:
        if not set(check.scopes).intersection(facts.scopes):
            continue
        if only and not selects(only, check.id):
            continue
        ignored = selects((*ignore, *declaration.ignore), check.id)
        for verdict in evaluate(check, declaration, facts):
            if _is_marked(check, verdict, declaration, facts):
                found = f"{verdict.found}; tests that require it are skipped"
                verdict = verdict._replace(found=found, optional=True)  # noqa: PLW2901
            state = _state(check, verdict, facts)
            demoted = ignored and (state == "error" or (strict and state in ("warn", "unknown")))
            if demoted and state == "error":
                state = "warn"
            elif strict and not ignored and state in ("warn", "unknown"):
                state = "error"
            findings.append(
                Finding(
                    check.id,
                    check.title,
                    state,
                    verdict.found,
                    check.why,
                    verdict.fix or check.fix_on(facts.platform) * (verdict.state == "bad"),
                    verdict.subject,
                    demoted,
                )
            )
    machine = facts.machine
    name = declaration.name or os.path.basename(machine.project)
    python = ".".join(str(part) for part in machine.python)
    return Run(name, facts.scopes, machine.platform, python, findings)


def before_setup(run: Run) -> Run:
    """Return a run that skips what is missing because the setup creates it."""
    findings = [
        finding._replace(state="skip")
        if finding.id in CREATED_BY_SETUP and finding.state == "warn"
        else finding
        for finding in run.findings
    ]
    return run._replace(findings=findings)


def evaluate(check: Check, declaration: Declaration, facts: Facts) -> list[Verdict]:
    """Return the verdicts of one check; a rule that cannot finish is a verdict, too."""
    if check.declared and not declaration.readable:
        return [unknown(NO_TOML)]
    verdicts = []
    try:
        for verdict in check.rule(declaration, facts):
            verdicts.append(verdict)  # noqa: PERF402 - keeps what precedes a failure
    except UncheckedError as reason:
        verdicts.append(unknown(str(reason)))
    except Exception as error:  # noqa: BLE001 - a crash is a result
        verdicts.append(unknown(f"the check itself failed: {type(error).__name__}: {error}"))
    return verdicts


def counts(findings: list[Finding]) -> dict[str, int]:
    """Return the number of findings in each state."""
    return {state: sum(f.state == state for f in findings) for state in STATES}


def exit_code(findings: list[Finding]) -> int:
    """Return 1 when there is an error, else 0."""
    return int(any(finding.state == "error" for finding in findings))


def _state(check: Check, verdict: Verdict, facts: Facts) -> str:
    if verdict.state != "bad":
        return verdict.state
    if verdict.optional:
        return "warn"
    return check.ci_level if "ci" in facts.scopes else check.level


def _is_marked(check: Check, verdict: Verdict, declaration: Declaration, facts: Facts) -> bool:
    """Return whether a missing requirement only skips tests, since a marker names it."""
    missing = verdict.state == "bad" and check.id in REQUIRABLE and "host" not in facts.scopes
    return missing and verdict.subject in facts.of(required_names, declaration.testpaths)
