"""One run of the checks: which are relevant, what each found, and how bad that is."""

from __future__ import annotations

from typing import NamedTuple

from hangar_devkit.preflight.catalogue import CHECKS, selects
from hangar_devkit.preflight.facts import UncheckedError
from hangar_devkit.preflight.verdicts import unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hangar_devkit.preflight.declaration import Declaration
    from hangar_devkit.preflight.facts import Facts
    from hangar_devkit.preflight.verdicts import Check, Verdict

STATES = ("error", "warn", "unknown", "ok", "skip")
NO_TOML = "this Python cannot read pyproject.toml; 3.11 or later can"


class Finding(NamedTuple):
    """A verdict, with all a report needs."""

    id: str
    title: str
    state: str  # one of STATES
    found: str
    why: str
    mend: str  # empty where all is well
    subject: str
    ignored: bool  # an error that was demoted to a warning


def run(
    need: Declaration,
    facts: Facts,
    *,
    only: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    strict: bool = False,
) -> list[Finding]:
    """Run the checks that the scopes of the facts make relevant.

    Args:
        need: The declaration.
        facts: Facts about the machine, which name the scopes of the run.
        only: IDs, or their beginnings, of the checks to run; all when empty.
        ignore: IDs whose errors are demoted to warnings. Nothing is hidden.
        strict: Whether a warning that is not ignored, and what could not be checked, is an error.
    """
    findings = []
    for check in CHECKS:
        if not set(check.scopes).intersection(facts.scopes):
            continue
        if only and not selects(only, check.id):
            continue
        ignored = selects((*ignore, *need.ignore), check.id)
        for verdict in judged(check, need, facts):
            state = _state(check, verdict, facts)
            demoted = ignored and (state == "error" or (strict and state in ("warn", "unknown")))
            if demoted and state == "error":
                state = "warn"
            elif strict and not ignored and state in ("warn", "unknown"):
                state = "error"
            mend = verdict.mend or check.mend_on(facts.platform) * (verdict.state == "bad")
            findings.append(
                Finding(
                    check.id,
                    check.title,
                    state,
                    verdict.found,
                    check.why,
                    mend,
                    verdict.subject,
                    demoted,
                )
            )
    return findings


def judged(check: Check, need: Declaration, facts: Facts) -> list[Verdict]:
    """The verdicts of one check; a rule that cannot finish is a verdict too."""
    if check.declared and not need.readable:
        return [unknown(NO_TOML)]
    verdicts = []
    try:
        for verdict in check.rule(need, facts):
            verdicts.append(verdict)  # noqa: PERF402 - what came before a failure is kept
    except UncheckedError as reason:
        verdicts.append(unknown(str(reason)))
    except Exception as error:  # noqa: BLE001 - a crash is a result
        verdicts.append(unknown(f"the check itself failed: {type(error).__name__}: {error}"))
    return verdicts


def counts(findings: list[Finding]) -> dict[str, int]:
    """How many findings there are of each state."""
    return {state: sum(f.state == state for f in findings) for state in STATES}


def exit_code(findings: list[Finding]) -> int:
    """1 when there is an error, else 0."""
    return int(any(finding.state == "error" for finding in findings))


def _state(check: Check, verdict: Verdict, facts: Facts) -> str:
    if verdict.state != "bad":
        return verdict.state
    if verdict.optional:
        return "warn"
    return check.ci_level if "ci" in facts.scopes else check.level
