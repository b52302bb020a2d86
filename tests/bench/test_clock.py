"""Ways are measured in turn; what fails is told, and only another's may be left out."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.clock import Cost, in_turn, measure
from bench.commands import CommandFailed
from bench.figures import OURS


def leave(code: int) -> list[str]:
    return [sys.executable, "-c", f"print('why'); raise SystemExit({code})"]


def test_a_command_takes_time(tmp_path: Path) -> None:
    assert measure(leave(0), tmp_path).cpu > 0


def test_a_code_may_be_expected(tmp_path: Path) -> None:
    assert measure(leave(3), tmp_path, codes=(3,)).wall > 0


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match=r"ended with 3:\nwhy"):
        measure(leave(3), tmp_path)


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="no-such-program is not there"):
        measure(["no-such-program"], tmp_path)


def once() -> Cost:
    return Cost(1, 1)


def broken() -> Cost:
    raise CommandFailed("no tests here")


@pytest.mark.parametrize(("fill", "calls"), [(True, 3), (False, 2)])
def test_rounds_are_counted_without_the_one_that_fills(fill: bool, calls: int) -> None:
    made: list[int] = []

    def count() -> Cost:
        made.append(1)
        return Cost(1, 1)

    found = in_turn({OURS: count}, 2, fill=fill)
    assert (len(found[OURS]), len(made)) == (2, calls)


@pytest.fixture
def notes() -> list[str]:
    """What is said of ways that fail: here of a peer's."""
    told: list[str] = []
    ways: dict[str, Callable[[], Cost]] = {OURS: once, "a/peer": broken}
    assert in_turn(ways, 2, notes=told) == {OURS: [Cost(1, 1)] * 2}, "the peer is left out"
    return told


def test_a_peer_that_fails_is_left_out_and_told(notes: list[str]) -> None:
    assert notes == ["a/peer is left out: no tests here"]


def test_our_own_failure_is_raised() -> None:
    with pytest.raises(CommandFailed):
        in_turn({OURS: broken}, 2, notes=[])
