"""The mends that `--fix` applies: safe, repeatable, and announced."""

import stat

import pytest

from hangar_devkit.preflight.catalogue import CHECKS
from hangar_devkit.preflight.fix import STEPS, apply
from hangar_devkit.preflight.run import Finding

from .cases import PAIRS
from .world import World

EXAMPLE = "TOKEN=\n# a comment\nPORT=80\n"


def mended(world: World, *only: str, dry_run: bool = False) -> list[str]:
    return list(apply(world.look(*only), world.build(), dry_run=dry_run))


@pytest.fixture
def example(world: World) -> World:
    """A world with an example, and no `.env`."""
    world.write(".env.example", EXAMPLE)
    return world


def test_the_steps_mend_what_says_so() -> None:
    fixable = {check.id for check in CHECKS if check.fix}
    assert {id for step in STEPS for id in step.ids} == fixable


def test_dotenv_is_a_copy_of_its_example(example: World) -> None:
    mended(example, "PF205")
    assert (example.project / ".env").read_text() == EXAMPLE


def test_dotenv_is_for_this_user_only(example: World) -> None:
    mended(example, "PF205")
    assert stat.S_IMODE((example.project / ".env").stat().st_mode) == 0o600


def test_a_dotenv_that_exists_is_left_alone(example: World) -> None:
    example.write(".env", "OTHER=1\n")
    mended(example, "PF205")
    assert (example.project / ".env").read_text() == "OTHER=1\n"


def test_what_could_not_be_mended_is_said(example: World) -> None:
    example.write(".env", "OTHER=1\n")
    assert mended(example, "PF205")[0].startswith("could not mend PF205: ")


def test_after_a_mend_the_check_is_fine(example: World) -> None:
    mended(example, "PF205")
    assert [finding.state for finding in example.look("PF205")] == ["ok"]


def test_a_second_time_there_is_nothing_to_mend(example: World) -> None:
    mended(example, "PF205")
    assert mended(example, "PF205") == []


def test_a_dry_run_changes_nothing(example: World) -> None:
    mended(example, "PF205", dry_run=True)
    assert not (example.project / ".env").exists()


def test_a_dry_run_says_what_would_be_done(example: World) -> None:
    assert mended(example, "PF205", dry_run=True) == ["would mend PF205: copy .env.example to .env"]


@pytest.mark.parametrize("id", ["PF103", "PF602"])
def test_a_command_that_fails_is_said(world: World, id: str) -> None:
    PAIRS[id].bad(world)
    assert mended(world, id)[0].startswith(f"could not mend {id}: ")


@pytest.mark.parametrize(("id", "program"), [("PF103", "uv"), ("PF602", "git")])
def test_a_command_that_succeeds_is_said(world: World, id: str, program: str) -> None:
    PAIRS[id].bad(world)
    world.machine["printed"] = {program: ""}
    assert mended(world, id)[0].startswith(f"mended {id}: ")


def test_what_is_fine_is_not_mended(world: World) -> None:
    fine = Finding("PF103", "", "ok", "", "", "", "", ignored=False)
    assert list(apply([fine], world.build(), dry_run=False)) == []
