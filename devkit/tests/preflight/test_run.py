"""How verdicts become findings: scopes, demotion, strictness and crashes."""

from typing import NoReturn

import pytest

from hangar_devkit.preflight.catalogue import CHECKS, unknown_ids
from hangar_devkit.preflight.declaration import SCOPES
from hangar_devkit.preflight.errors import UncheckedError
from hangar_devkit.preflight.facts import Facts, network, repository
from hangar_devkit.preflight.machine import Machine
from hangar_devkit.preflight.run import counts, evaluate, exit_code
from hangar_devkit.preflight.verdicts import Check, Verdict

from .cases import PAIRS
from .fakes import World

PF705 = next(check for check in CHECKS if check.id == "PF705")


def crash(machine: Machine) -> NoReturn:
    raise ValueError(f"no such thing in {machine.platform}")


def test_a_probe_that_crashes_is_a_result(world: World) -> None:
    with pytest.raises(UncheckedError, match="crash: ValueError: no such thing in linux"):
        Facts(world.build()).of(crash)


def test_a_check_whose_probe_crashes_could_not_be_made(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "seconds_behind", crash)
    assert [finding.state for finding in world.check("PF705")] == ["unknown"]


def test_a_rule_that_crashes_is_a_result(world: World) -> None:
    def rule(declaration: object, facts: object) -> NoReturn:
        raise KeyError("absent")

    verdicts = evaluate(PF705._replace(rule=rule), world.declaration(), Facts(world.build()))
    assert [verdict.state for verdict in verdicts] == ["unknown"]


def test_what_came_before_a_crash_is_kept(world: World) -> None:
    def rule(declaration: object, facts: object) -> object:
        yield Verdict("ok", "first")
        raise KeyError("absent")

    verdicts = evaluate(PF705._replace(rule=rule), world.declaration(), Facts(world.build()))  # type: ignore[arg-type]
    assert [verdict.state for verdict in verdicts] == ["ok", "unknown"]


def test_a_probe_runs_once(world: World) -> None:
    calls = []

    def probe(machine: Machine) -> int:
        calls.append(machine)
        return 1

    facts = Facts(world.build())
    for _ in range(3):
        facts.of(probe)
    assert len(calls) == 1


def test_an_ignored_error_is_a_warning(world: World) -> None:
    world.machine["python"] = (3, 9, 0)
    found = world.check("PF101", ignore=("PF101",))
    assert [(finding.state, finding.ignored) for finding in found] == [("warn", True)]


def test_the_declaration_ignores_by_area(world: World) -> None:
    world.declare('[tool.preflight]\nignore = ["PF1"]')
    world.machine["python"] = (3, 9, 0)
    assert [finding.state for finding in world.check("PF101")] == ["warn"]


def test_strict_makes_a_warning_an_error(world: World) -> None:
    PAIRS["PF103"].bad(world)
    assert [finding.state for finding in world.check("PF103", strict=True)] == ["error"]


def test_strict_makes_what_could_not_be_checked_an_error(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "rejected", crash)
    assert [finding.state for finding in world.check("PF608", strict=True)] == ["error"]


def test_strict_leaves_what_is_ignored(world: World) -> None:
    PAIRS["PF103"].bad(world)
    found = world.check("PF103", ignore=("PF103",), strict=True)
    assert [finding.state for finding in found] == ["warn"]


@pytest.mark.parametrize("scope", SCOPES)
def test_only_checks_of_the_scope_are_run(world: World, scope: str) -> None:
    world.scopes = (scope,)
    by_id = {check.id: check for check in CHECKS}
    assert all(scope in by_id[finding.id].scopes for finding in world.check())


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_check_runs_in_some_scope(check: Check) -> None:
    assert set(check.scopes) & set(SCOPES)


def test_only_chooses_an_area(world: World) -> None:
    assert {finding.id[:3] for finding in world.check("PF7")} == {"PF7"}


def test_a_warning_leaves_the_exit_code_alone(world: World) -> None:
    PAIRS["PF103"].bad(world)
    assert exit_code(world.check("PF103")) == 0


def test_an_error_is_exit_code_1(world: World) -> None:
    PAIRS["PF101"].bad(world)
    assert exit_code(world.check("PF101")) == 1


def test_counts_are_those_of_the_findings(world: World) -> None:
    findings = world.check()
    assert sum(counts(findings).values()) == len(findings)


@pytest.mark.parametrize("pattern", ["PF999", "P", "X", "PF"])
def test_an_id_that_stands_for_nothing_is_found(pattern: str) -> None:
    assert unknown_ids((pattern,)) == [pattern]


def test_without_tomllib_the_declared_could_not_be_checked(world: World) -> None:
    declaration = world.declaration()._replace(readable=False)
    declared = [check for check in CHECKS if check.declared]
    states = {v.state for c in declared for v in evaluate(c, declaration, Facts(world.build()))}
    assert states == {"unknown"}
