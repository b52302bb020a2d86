"""The fixes that `--fix` applies: safe, repeatable, and reported."""

import stat

import pytest

from hangar_devkit.preflight.catalogue import CHECKS
from hangar_devkit.preflight.fix import STEPS, apply
from hangar_devkit.preflight.run import Finding

from .cases import PAIRS
from .fakes import Sandbox

EXAMPLE = "TOKEN=\n# a comment\nPORT=80\n"


def fix(sandbox: Sandbox, *only: str, dry_run: bool = False) -> list[str]:
    return list(apply(sandbox.check(*only), sandbox.build(), dry_run=dry_run))


@pytest.fixture
def example(sandbox: Sandbox) -> Sandbox:
    """A machine with an example, and no `.env`."""
    sandbox.write(".env.example", EXAMPLE)
    return sandbox


def test_the_steps_fix_the_fixable_checks() -> None:
    fixable = {check.id for check in CHECKS if check.fixable}
    assert {id for step in STEPS for id in step.ids} == fixable


def test_dotenv_is_a_copy_of_its_example(example: Sandbox) -> None:
    fix(example, "PF205")
    assert (example.project / ".env").read_text() == EXAMPLE


def test_a_project_with_a_container_gets_a_name_for_compose(example: Sandbox) -> None:
    example.write("tools/container/as-owner")
    fix(example, "PF205")
    assert "COMPOSE_PROJECT_NAME=project-" in (example.project / ".env").read_text()


def test_compose_is_not_renamed_while_it_runs(example: Sandbox) -> None:
    example.write("tools/container/as-owner")
    example.environ["HANGAR_COMPOSE"] = "1"
    fix(example, "PF205")
    assert (example.project / ".env").read_text() == EXAMPLE


def test_dotenv_is_for_this_user_only(example: Sandbox) -> None:
    fix(example, "PF205")
    assert stat.S_IMODE((example.project / ".env").stat().st_mode) == 0o600


def test_a_dotenv_that_exists_is_left_alone(example: Sandbox) -> None:
    example.write(".env", "OTHER=1\n")
    fix(example, "PF205")
    assert (example.project / ".env").read_text() == "OTHER=1\n"


def test_a_failed_fix_is_reported(example: Sandbox) -> None:
    example.write(".env", "OTHER=1\n")
    assert fix(example, "PF205")[0].startswith("could not fix PF205: ")


def test_after_the_fix_the_check_passes(example: Sandbox) -> None:
    fix(example, "PF205")
    assert [finding.state for finding in example.check("PF205")] == ["ok"]


def test_the_second_time_there_is_nothing_to_fix(example: Sandbox) -> None:
    fix(example, "PF205")
    assert fix(example, "PF205") == []


def test_a_dry_run_changes_nothing(example: Sandbox) -> None:
    fix(example, "PF205", dry_run=True)
    assert not (example.project / ".env").exists()


def test_a_dry_run_reports_what_would_be_done(example: Sandbox) -> None:
    assert fix(example, "PF205", dry_run=True) == ["would fix PF205: copy .env.example to .env"]


@pytest.mark.parametrize("id", ["PF103", "PF602"])
def test_a_command_that_fails_is_reported(sandbox: Sandbox, id: str) -> None:
    PAIRS[id].bad(sandbox)
    sandbox.write("tools/hooks/pre-commit")
    assert fix(sandbox, id)[0].startswith(f"could not fix {id}: ")


@pytest.mark.parametrize(("id", "program"), [("PF103", "uv"), ("PF602", "git")])
def test_a_command_that_succeeds_is_reported(sandbox: Sandbox, id: str, program: str) -> None:
    PAIRS[id].bad(sandbox)
    sandbox.write("tools/hooks/pre-commit")
    sandbox.machine["printed"] = {program: ""}
    assert fix(sandbox, id)[0].startswith(f"fixed {id}: ")


def test_hooks_that_the_project_does_not_have_are_not_configured(sandbox: Sandbox) -> None:
    PAIRS["PF602"].bad(sandbox)
    sandbox.machine["printed"] = {"git": ""}
    assert fix(sandbox, "PF602") == []


def test_passed_checks_are_not_fixed(sandbox: Sandbox) -> None:
    fine = Finding("PF103", "", "ok", "", "", "", "", ignored=False)
    assert list(apply([fine], sandbox.build(), dry_run=False)) == []
