"""How verdicts become findings: scopes, demotion, strictness and crashes."""

from typing import NoReturn

import pytest

from hangar_devkit.preflight.catalogue import CHECKS, unknown_ids
from hangar_devkit.preflight.declaration import SCOPES
from hangar_devkit.preflight.errors import UncheckedError
from hangar_devkit.preflight.facts import Facts, network, repository
from hangar_devkit.preflight.machine import Machine
from hangar_devkit.preflight.run import before_setup, counts, evaluate, exit_code, run_checks
from hangar_devkit.preflight.verdicts import Check, Verdict

from .cases import PAIRS
from .fakes import Sandbox

PF705 = next(check for check in CHECKS if check.id == "PF705")


def crash(machine: Machine) -> NoReturn:
    raise ValueError(f"no such thing in {machine.platform}")


def test_a_probe_that_crashes_is_a_result(sandbox: Sandbox) -> None:
    with pytest.raises(UncheckedError, match="crash: ValueError: no such thing in linux"):
        Facts(sandbox.build()).of(crash)


def test_a_check_whose_probe_crashes_could_not_be_made(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "seconds_behind", crash)
    assert [finding.state for finding in sandbox.check("PF705")] == ["unknown"]


def test_a_rule_that_crashes_is_a_result(sandbox: Sandbox) -> None:
    def rule(declaration: object, facts: object) -> NoReturn:
        raise KeyError("absent")

    verdicts = evaluate(PF705._replace(rule=rule), sandbox.declaration(), Facts(sandbox.build()))
    assert [verdict.state for verdict in verdicts] == ["unknown"]


def test_what_came_before_a_crash_is_kept(sandbox: Sandbox) -> None:
    def rule(declaration: object, facts: object) -> object:
        yield Verdict("ok", "first")
        raise KeyError("absent")

    verdicts = evaluate(PF705._replace(rule=rule), sandbox.declaration(), Facts(sandbox.build()))  # type: ignore[arg-type]
    assert [verdict.state for verdict in verdicts] == ["ok", "unknown"]


def test_missing_environment_is_skipped_before_the_setup(sandbox: Sandbox) -> None:
    facts = Facts(sandbox.build(), ("test",))
    run = before_setup(run_checks(sandbox.declaration(), facts, only=("PF103",)))
    assert [finding.state for finding in run.findings] == ["skip"]


def test_missing_environment_is_a_warning(sandbox: Sandbox) -> None:
    assert [finding.state for finding in sandbox.check("PF103")] == ["warn"]


def test_a_probe_runs_once(sandbox: Sandbox) -> None:
    calls = []

    def probe(machine: Machine) -> int:
        calls.append(machine)
        return 1

    facts = Facts(sandbox.build())
    for _ in range(3):
        facts.of(probe)
    assert len(calls) == 1


def test_an_ignored_error_is_a_warning(sandbox: Sandbox) -> None:
    sandbox.machine["python"] = (3, 9, 0)
    found = sandbox.check("PF101", ignore=("PF101",))
    assert [(finding.state, finding.ignored) for finding in found] == [("warn", True)]


def test_the_declaration_ignores_by_area(sandbox: Sandbox) -> None:
    sandbox.declare('[tool.preflight]\nignore = ["PF1"]')
    sandbox.machine["python"] = (3, 9, 0)
    assert [finding.state for finding in sandbox.check("PF101")] == ["warn"]


def test_strict_makes_a_warning_an_error(sandbox: Sandbox) -> None:
    PAIRS["PF103"].bad(sandbox)
    assert [finding.state for finding in sandbox.check("PF103", strict=True)] == ["error"]


def test_strict_makes_what_could_not_be_checked_an_error(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "rejected", crash)
    assert [finding.state for finding in sandbox.check("PF608", strict=True)] == ["error"]


def test_strict_leaves_what_is_ignored(sandbox: Sandbox) -> None:
    PAIRS["PF103"].bad(sandbox)
    found = sandbox.check("PF103", ignore=("PF103",), strict=True)
    assert [finding.state for finding in found] == ["warn"]


@pytest.mark.parametrize("scope", SCOPES)
def test_only_checks_of_the_scope_are_run(sandbox: Sandbox, scope: str) -> None:
    sandbox.scopes = (scope,)
    by_id = {check.id: check for check in CHECKS}
    assert all(scope in by_id[finding.id].scopes for finding in sandbox.check())


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_check_runs_in_some_scope(check: Check) -> None:
    assert set(check.scopes) & set(SCOPES)


def test_only_chooses_an_area(sandbox: Sandbox) -> None:
    assert {finding.id[:3] for finding in sandbox.check("PF7")} == {"PF7"}


def test_a_warning_leaves_the_exit_code_alone(sandbox: Sandbox) -> None:
    PAIRS["PF103"].bad(sandbox)
    assert exit_code(sandbox.check("PF103")) == 0


def test_an_error_is_exit_code_1(sandbox: Sandbox) -> None:
    PAIRS["PF101"].bad(sandbox)
    assert exit_code(sandbox.check("PF101")) == 1


def test_counts_are_those_of_the_findings(sandbox: Sandbox) -> None:
    findings = sandbox.check()
    assert sum(counts(findings).values()) == len(findings)


@pytest.mark.parametrize("pattern", ["PF999", "P", "X", "PF"])
def test_an_id_that_stands_for_nothing_is_found(pattern: str) -> None:
    assert unknown_ids((pattern,)) == [pattern]


def test_without_tomllib_the_declared_could_not_be_checked(sandbox: Sandbox) -> None:
    declaration = sandbox.declaration()._replace(readable=False)
    declared = [check for check in CHECKS if check.declared]
    states = {v.state for c in declared for v in evaluate(c, declaration, Facts(sandbox.build()))}
    assert states == {"unknown"}
