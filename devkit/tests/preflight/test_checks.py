"""Every check on a machine where it passes, and on one where it fails."""

import pytest

from hangar_devkit.preflight.catalogue import CHECKS

from .cases import PAIRS
from .fakes import Sandbox

IDS = [check.id for check in CHECKS]


def test_every_check_has_a_pair_of_cases() -> None:
    assert sorted(PAIRS) == IDS


def test_every_id_is_used_once() -> None:
    assert len(IDS) == len(set(IDS))


@pytest.mark.parametrize("id", IDS)
def test_it_passes(sandbox: Sandbox, id: str) -> None:
    PAIRS[id].good(sandbox)
    assert {finding.state for finding in sandbox.check(id)} == {"ok"}


@pytest.mark.parametrize("id", IDS)
def test_it_fails(sandbox: Sandbox, id: str) -> None:
    PAIRS[id].bad(sandbox)
    assert {finding.state for finding in sandbox.check(id)} & {"warn", "error"}


@pytest.mark.parametrize("id", IDS)
def test_a_failure_has_a_fix(sandbox: Sandbox, id: str) -> None:
    PAIRS[id].bad(sandbox)
    assert all(f.fix for f in sandbox.check(id) if f.state in ("warn", "error"))


@pytest.mark.parametrize("id", IDS)
def test_a_failure_is_one_short_line(sandbox: Sandbox, id: str) -> None:
    PAIRS[id].bad(sandbox)
    texts = [f.found.replace(str(sandbox.project.parent), "") for f in sandbox.check(id)]
    assert all("\n" not in text and len(text) <= 100 for text in texts)
