"""Every check on a machine where it passes, and on one where it fails."""

import pytest

from hangar_devkit.preflight.catalogue import CHECKS

from .cases import PAIRS
from .fakes import World

IDS = [check.id for check in CHECKS]


def test_every_check_has_a_pair_of_cases() -> None:
    assert sorted(PAIRS) == IDS


def test_every_id_is_used_once() -> None:
    assert len(IDS) == len(set(IDS))


@pytest.mark.parametrize("id", IDS)
def test_it_passes(world: World, id: str) -> None:
    PAIRS[id].good(world)
    assert {finding.state for finding in world.check(id)} == {"ok"}


@pytest.mark.parametrize("id", IDS)
def test_it_fails(world: World, id: str) -> None:
    PAIRS[id].bad(world)
    assert {finding.state for finding in world.check(id)} & {"warn", "error"}


@pytest.mark.parametrize("id", IDS)
def test_a_failure_has_a_fix(world: World, id: str) -> None:
    PAIRS[id].bad(world)
    assert all(f.fix for f in world.check(id) if f.state in ("warn", "error"))


@pytest.mark.parametrize("id", IDS)
def test_a_failure_is_one_short_line(world: World, id: str) -> None:
    PAIRS[id].bad(world)
    texts = [f.found.replace(str(world.project.parent), "") for f in world.check(id)]
    assert all("\n" not in text and len(text) <= 100 for text in texts)
