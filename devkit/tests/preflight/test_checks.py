"""Every check, from both sides: it is silent where all is well, and speaks where it is not."""

import pytest

from hangar_devkit.preflight.catalogue import CHECKS
from hangar_devkit.preflight.verdicts import Check

from .cases import PAIRS
from .world import World

IDS = [check.id for check in CHECKS]


def test_every_check_has_a_pair_of_cases() -> None:
    assert sorted(PAIRS) == IDS


def test_every_id_is_used_once() -> None:
    assert len(IDS) == len(set(IDS))


@pytest.mark.parametrize("id", IDS)
def test_all_is_well(world: World, id: str) -> None:
    PAIRS[id].good(world)
    assert {finding.state for finding in world.look(id)} == {"ok"}


@pytest.mark.parametrize("id", IDS)
def test_something_is_wrong(world: World, id: str) -> None:
    PAIRS[id].bad(world)
    assert {finding.state for finding in world.look(id)} & {"warn", "error"}


@pytest.mark.parametrize("id", IDS)
def test_what_is_wrong_has_a_mend(world: World, id: str) -> None:
    PAIRS[id].bad(world)
    assert all(f.mend for f in world.look(id) if f.state in ("warn", "error"))


@pytest.mark.parametrize("id", IDS)
def test_what_is_wrong_is_said_in_one_short_line(world: World, id: str) -> None:
    PAIRS[id].bad(world)
    texts = [f.found.replace(str(world.project.parent), "") for f in world.look(id)]
    assert all("\n" not in text and len(text) <= 100 for text in texts)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_check_says_what_it_looks_at_and_why(check: Check) -> None:
    assert (check.what[-1], check.why[-1]) == (".", ".")
