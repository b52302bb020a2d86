"""Judges whether a test is flaky: proven when it passed and failed with the same content."""

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from hangar_devkit.history.analysis.statistics import flaky_rate, runs_needed, wilson
from hangar_devkit.history.records import BROKEN, PASSED, XPASSED

FLAKY: Final = "flaky"
BROKEN_NOW: Final = "broken"
UNKNOWN: Final = "unknown"
STEADY: Final = "steady"

_STEP = 3
"""So many failures in a row look like a change of the environment, not like chance."""
_MIN_OUTAGE_TESTS = 5
_OUTAGE_SHARE = 0.05
_OUTAGE_FACTOR = 4
_RELEASE_RUNS = 59  # 0.95 ** 59 < 0.05


class Attempt(NamedTuple):
    """One attempt at a test.

    Attributes:
        run: The run, in order of time.
        attempt: 0 for the first try in that run.
        outcome: One of the outcomes of `records`.
        key: Content key (any value but 0), 0 when it is not known.
    """

    run: int
    attempt: int
    outcome: int
    key: int


class Verdict(NamedTuple):
    """The verdict on one test.

    Attributes:
        verdict: `flaky`, `broken`, `unknown` or `steady`.
        runs: Runs that count: those without outage, skip or expected failure.
        failures: Runs among them whose first attempt failed.
        low: Lower end of the 95 % interval of the rate of failure; of a flaky test, by chance.
        high: Its upper end.
        needed: With `unknown`, the number of further runs of the same content that would decide.
        reason: The verdict in words.
    """

    verdict: str
    runs: int
    failures: int
    low: float
    high: float
    needed: int
    reason: str


def judge(attempts: Sequence[Attempt], outages: Collection[int] = ()) -> Verdict:
    """Judge a test by its attempts.

    Args:
        attempts: In order of time.
        outages: Runs that are left out.
    """
    counted = [
        a
        for a in attempts
        if a.run not in outages and (a.outcome in BROKEN or a.outcome in {PASSED, XPASSED})
    ]
    failed = [a.outcome in BROKEN for a in counted]
    first = [bad for a, bad in zip(counted, failed, strict=True) if a.attempt == 0]
    runs, failures = len(first), sum(first)
    reason = _proof(counted, failed)
    if reason:
        return Verdict(FLAKY, runs, failures, *flaky_rate(first), 0, reason)
    low, high = wilson(failures, runs)
    if not failed or not failed[-1]:
        return Verdict(
            STEADY,
            runs,
            failures,
            low,
            high,
            0,
            "passes; never passed and failed with the same content",
        )
    return _judge_failing(counted, failed, (runs, failures, low, high))


def _judge_failing(
    counted: Sequence[Attempt], failed: Sequence[bool], rate: tuple[int, int, float, float]
) -> Verdict:
    """Judge a test whose last attempt failed and that is not proven flaky."""
    key = counted[-1].key
    same = [bad for a, bad in zip(counted, failed, strict=True) if a.key == key]
    streak = 0
    for bad in reversed(same):
        if not bad:
            break
        streak += 1
    needed = runs_needed(rate[1], rate[0]) - streak
    if key and needed <= 0:
        return Verdict(
            BROKEN_NOW, *rate, 0, f"failed {streak} times in a row with the same content"
        )
    more = max(1, needed)
    runs = "run" if more == 1 else "runs"
    text = f"not enough runs: {more} more {runs} of the same content will decide"
    return Verdict(UNKNOWN, *rate, more, text)


def _proof(counted: Sequence[Attempt], failed: Sequence[bool]) -> str:
    """Return the proof that a test is flaky, in words, or "" when there is none."""
    passed_keys = {a.key for a, bad in zip(counted, failed, strict=True) if a.key and not bad}
    changes: dict[int, list[bool]] = {}
    for a, bad in zip(counted, failed, strict=True):
        if a.key:
            changes.setdefault(a.key, []).append(bad)
    for seen in changes.values():
        if sum(x != y for x, y in itertools.pairwise(seen)) > _STEP:
            return f"changed between pass and failure with the same content ({len(seen)} attempts)"
    start = 0
    for end in range(1, len(counted) + 1):
        if end == len(counted) or failed[end] != failed[start]:
            if failed[start]:
                proof = _proof_of_streak(counted, start, end, passed_keys)
                if proof:
                    return proof
            start = end
    return ""


def _proof_of_streak(
    counted: Sequence[Attempt], start: int, end: int, passed_keys: Collection[int]
) -> str:
    last = counted[end - 1]
    if end == len(counted):
        return ""
    following = counted[end]
    if following.run == last.run and following.attempt > last.attempt:
        return "failed and then passed in one run"
    runs = len({a.run for a in counted[start:end]})
    if runs < _STEP and any(a.key in passed_keys for a in counted[start:end]):
        return "failed and passed with the same content"
    return ""


def is_unchanged(attempts: Sequence[Attempt]) -> bool:
    """Return whether the newest attempt ran a content that is as old as the last failure.

    Args:
        attempts: In order of time.
    """
    failures = [index for index, attempt in enumerate(attempts) if attempt.outcome in BROKEN]
    if not failures or not attempts[-1].key:
        return True
    return attempts[-1].key in {attempt.key for attempt in attempts[: failures[-1] + 1]}


def outages(contradicted: Mapping[int, int], tests: Mapping[int, int]) -> frozenset[int]:
    """Return the runs that look like an outage: many tests failed that the same content passes.

    Args:
        contradicted: For each run, how many tests failed in it that passed with the same content
            in another run.
        tests: For each run, how many tests ran.
    """
    counts = sorted(contradicted.get(run, 0) for run in tests)
    usual = counts[len(counts) // 2] if counts else 0
    return frozenset(
        run
        for run, count in contradicted.items()
        if count
        >= max(_MIN_OUTAGE_TESTS, _OUTAGE_SHARE * tests.get(run, 0), _OUTAGE_FACTOR * usual)
    )


def is_ready_for_release(outcomes: Iterable[int]) -> bool:
    """Return whether a quarantined test passed so often that it may count again.

    A failure rate above 5 % is unlikely then (95 %).

    Args:
        outcomes: Of its attempts, the latest first.
    """
    passed = 0
    for outcome in outcomes:
        if outcome in BROKEN:
            return False
        passed += outcome in {PASSED, XPASSED}
        if passed >= _RELEASE_RUNS:
            return True
    return False
