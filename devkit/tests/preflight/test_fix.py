"""The fixes that `--fix` applies: safe, repeatable, and reported."""

import stat

import pytest

from hangar_devkit.preflight.catalogue import CHECKS
from hangar_devkit.preflight.fix import STEPS, apply
from hangar_devkit.preflight.run import Finding

from .cases import PAIRS
from .fakes import World

EXAMPLE = "TOKEN=\n# a comment\nPORT=80\n"


def fix(world: World, *only: str, dry_run: bool = False) -> list[str]:
    return list(apply(world.check(*only), world.build(), dry_run=dry_run))


@pytest.fixture
def example(world: World) -> World:
    """A machine with an example, and no `.env`."""
    world.write(".env.example", EXAMPLE)
    return world


def test_the_steps_fix_the_fixable_checks() -> None:
    fixable = {check.id for check in CHECKS if check.fixable}
    assert {id for step in STEPS for id in step.ids} == fixable


def test_dotenv_is_a_copy_of_its_example(example: World) -> None:
    fix(example, "PF205")
    assert (example.project / ".env").read_text() == EXAMPLE


def test_dotenv_is_for_this_user_only(example: World) -> None:
    fix(example, "PF205")
    assert stat.S_IMODE((example.project / ".env").stat().st_mode) == 0o600


def test_a_dotenv_that_exists_is_left_alone(example: World) -> None:
    example.write(".env", "OTHER=1\n")
    fix(example, "PF205")
    assert (example.project / ".env").read_text() == "OTHER=1\n"


def test_a_failed_fix_is_reported(example: World) -> None:
    example.write(".env", "OTHER=1\n")
    assert fix(example, "PF205")[0].startswith("could not fix PF205: ")


def test_after_the_fix_the_check_passes(example: World) -> None:
    fix(example, "PF205")
    assert [finding.state for finding in example.check("PF205")] == ["ok"]


def test_the_second_time_there_is_nothing_to_fix(example: World) -> None:
    fix(example, "PF205")
    assert fix(example, "PF205") == []


def test_a_dry_run_changes_nothing(example: World) -> None:
    fix(example, "PF205", dry_run=True)
    assert not (example.project / ".env").exists()


def test_a_dry_run_reports_what_would_be_done(example: World) -> None:
    assert fix(example, "PF205", dry_run=True) == ["would fix PF205: copy .env.example to .env"]


@pytest.mark.parametrize("id", ["PF103", "PF602"])
def test_a_command_that_fails_is_reported(world: World, id: str) -> None:
    PAIRS[id].bad(world)
    world.write("tools/hooks/pre-commit")
    assert fix(world, id)[0].startswith(f"could not fix {id}: ")


@pytest.mark.parametrize(("id", "program"), [("PF103", "uv"), ("PF602", "git")])
def test_a_command_that_succeeds_is_reported(world: World, id: str, program: str) -> None:
    PAIRS[id].bad(world)
    world.write("tools/hooks/pre-commit")
    world.machine["printed"] = {program: ""}
    assert fix(world, id)[0].startswith(f"fixed {id}: ")


def test_hooks_that_the_project_does_not_have_are_not_configured(world: World) -> None:
    PAIRS["PF602"].bad(world)
    world.machine["printed"] = {"git": ""}
    assert fix(world, "PF602") == []


def test_passed_checks_are_not_fixed(world: World) -> None:
    fine = Finding("PF103", "", "ok", "", "", "", "", ignored=False)
    assert list(apply([fine], world.build(), dry_run=False)) == []
