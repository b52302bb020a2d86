"""Flaky is what failed and passed with one content; nothing else is."""

import pytest

from hangar_devkit.history.analysis.flakiness import Attempt, Verdict, judge, outages
from hangar_devkit.history.analysis.statistics import flaky_rate, runs_needed, wilson
from hangar_devkit.history.records import FAILED, PASSED, SKIPPED, XFAILED

OUTCOMES = {"P": PASSED, "F": FAILED, "x": XFAILED, "s": SKIPPED}


def verdict(steps: str, keys: str, left_out: tuple[int, ...] = ()) -> Verdict:
    """Judge a test whose runs had these outcomes, with these contents (`0` is not known)."""
    attempts = [
        Attempt(i, 0, OUTCOMES[step], 0 if key == "0" else ord(key))
        for i, (step, key) in enumerate(zip(steps, keys, strict=True))
    ]
    return judge(attempts, left_out)


@pytest.mark.parametrize(
    ("steps", "keys"),
    [("PPFPP", "aaaaa"), ("PFP", "aab"), ("FPPP", "aaaa"), ("PFFPFFFFPFFFP", "a" * 13)],
)
def test_one_content_with_both_outcomes_is_flaky(steps: str, keys: str) -> None:
    assert verdict(steps, keys).verdict == "flaky"


def test_a_pass_on_rerun_is_flaky() -> None:
    assert judge([Attempt(0, 0, FAILED, 0), Attempt(0, 1, PASSED, 0)]).verdict == "flaky"


NEVER = {
    "a regression and its fix": ("P" * 9 + "F" * 9 + "P" * 9, "a" * 9 + "b" * 9 + "c" * 9),
    "a subtest that always fails": ("F" * 12, "a" * 6 + "b" * 6),
    "a dependency bump": ("PPPFPP", "aaabcc"),
    "a flag flip": ("P" * 9 + "F" * 9, "a" * 18),
    "a flag flip and back": ("P" * 9 + "F" * 9 + "P" * 9, "a" * 27),
    "an expected failure": ("xPxPxP", "aaaaaa"),
    "a skip": ("sPsPsP", "aaaaaa"),
    "an unknown content": ("PFPFP", "00000"),
}


@pytest.mark.parametrize(("steps", "keys"), NEVER.values(), ids=NEVER)
def test_it_is_never_called_flaky(steps: str, keys: str) -> None:
    called = {verdict(steps[:n], keys[:n]).verdict for n in range(1, len(steps) + 1)}
    assert "flaky" not in called


def test_an_outage_is_left_out() -> None:
    assert verdict("PPFPP", "aaaaa", left_out=(2,)).verdict == "steady"


def test_many_contradicted_failures_are_an_outage() -> None:
    assert outages({3: 30, 5: 1}, dict.fromkeys(range(10), 100)) == {3}


def test_a_few_are_not() -> None:
    assert outages({3: 4}, dict.fromkeys(range(10), 100)) == frozenset()


def test_one_failure_cannot_be_known_yet() -> None:
    assert verdict("PPF", "aab").verdict == "unknown"


def test_it_says_how_many_runs_would_tell() -> None:
    assert verdict("PPF", "aab").needed == 3


def test_enough_failures_are_broken() -> None:
    assert verdict("P" + "F" * 40, "a" + "b" * 40).verdict == "broken"


def test_the_interval_is_wilson_s() -> None:
    assert wilson(1, 10) == pytest.approx((0.01788, 0.40415), abs=1e-4)


def test_the_failure_that_made_a_test_flaky_says_nothing_of_its_rate() -> None:
    assert flaky_rate([False, True, *[False] * 98])[0] == 0


def test_a_regression_does_not_count_as_chance() -> None:
    coincidence = [False, True, *[False] * 20]
    assert flaky_rate(coincidence + [True] * 8) == flaky_rate(coincidence)


def test_a_streak_of_a_test_that_often_fails_counts() -> None:
    often = [True, False, True, True] * 5
    assert flaky_rate([*often, *[True] * 3]) > flaky_rate(often)


def test_more_failures_need_more_runs() -> None:
    assert runs_needed(10, 10) > runs_needed(5, 10)
