"""Candidates are measured in alternation; only a failing peer may be left out."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.framework.commands import CommandFailed
from benchmarks.framework.figures import OURS
from benchmarks.framework.timing import Cost, interleave, measure


def exit_with(code: int) -> list[str]:
    return [sys.executable, "-c", f"print('why'); raise SystemExit({code})"]


def test_a_command_costs_cpu_time(tmp_path: Path) -> None:
    assert measure(exit_with(0), tmp_path).cpu > 0


def test_an_expected_exit_code_is_no_failure(tmp_path: Path) -> None:
    assert measure(exit_with(3), tmp_path, codes=(3,)).wall > 0


def test_the_output_of_a_failed_command_is_reported(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match=r"failed with exit code 3:\nwhy"):
        measure(exit_with(3), tmp_path)


def test_a_missing_program_is_reported(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="no-such-program not found"):
        measure(["no-such-program"], tmp_path)


def once() -> Cost:
    return Cost(1, 1)


def broken() -> Cost:
    raise CommandFailed("no tests here")


@pytest.mark.parametrize(("warm_up", "expected"), [(True, 3), (False, 2)])
def test_a_warm_up_is_one_more_call(warm_up: bool, expected: int) -> None:
    calls: list[Cost] = []

    def count() -> Cost:
        calls.append(Cost(1, 1))
        return calls[-1]

    interleave({OURS: count}, 2, warm_up=warm_up)
    assert len(calls) == expected


@pytest.mark.parametrize("warm_up", [True, False])
def test_a_warm_up_does_not_count(warm_up: bool) -> None:
    assert interleave({OURS: once}, 2, warm_up=warm_up) == {OURS: [Cost(1, 1)] * 2}


CANDIDATES: dict[str, Callable[[], Cost]] = {OURS: once, "a/peer": broken}


def test_a_failing_peer_is_left_out() -> None:
    assert list(interleave(CANDIDATES, 2, notes=[])) == [OURS]


def test_a_failing_peer_is_noted() -> None:
    notes: list[str] = []
    interleave(CANDIDATES, 2, notes=notes)
    assert notes == ["a/peer is left out: no tests here"]


def test_our_own_failure_is_raised() -> None:
    with pytest.raises(CommandFailed):
        interleave({OURS: broken}, 2, notes=[])
