"""Whether a test's outcome follows from the time of day, the day, or the time zone."""

from __future__ import annotations

import datetime as dt
from math import comb
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from hangar_devkit.history.kinds.evidence import Evidence, Trial

_RISK = 0.01
_PERIODS = 3
"""Failures must come back in so many hours, days or weeks: what lasted once says nothing."""
_HOUR, _DAY = 3600, 86_400


def _local(trial: Trial) -> float:
    """Return the seconds since the epoch as the run's own clock on the wall had them."""
    if not trial.zone:
        return trial.started
    sign = -1 if trial.zone[0] == "-" else 1
    return trial.started + sign * (int(trial.zone[1:3]) * 3600 + int(trial.zone[3:5]) * 60)


def _local_date(trial: Trial) -> dt.datetime:
    return dt.datetime.fromtimestamp(_local(trial), dt.UTC)


_CIRCLES: Final[tuple[tuple[str, float, Callable[[Trial], float]], ...]] = (
    ("time of day", _DAY, _local),
    ("time of day (UTC)", _DAY, lambda trial: trial.started),
    ("minute of the hour", _HOUR, _local),
    ("day of the week", 7 * _DAY, _local),
)
_GROUPS: Final[tuple[tuple[str, int, Callable[[Trial], Hashable]], ...]] = (
    # name, days on which it must have failed, value: a time zone is no period
    ("time zone", 1, lambda trial: trial.zone),
    ("day of the week", _PERIODS, lambda trial: _local_date(trial).strftime("%A")),
    ("day of the month", _PERIODS, lambda trial: _local_date(trial).day),
    ("month", _PERIODS, lambda trial: _local_date(trial).month),
)


def follows_from_clock(evidence: Evidence) -> str:
    """Return what of the clock decides, in words; "" when nothing does, or it cannot be known."""
    trials = evidence.trials
    for name, period, moment in _CIRCLES:
        if _in_one_arc(trials, period, moment):
            return f"fails at a certain {name}: {_span(trials, period, moment)}"
    for name, least, group in _GROUPS:
        values = _separating(trials, group, least)
        if values:
            return f"fails with a certain {name}: {', '.join(sorted(map(str, values)))}"
    return ""


def _unlikely(choices: int, failures: int, trials: int) -> bool:
    tests = len(_CIRCLES) + len(_GROUPS)
    return choices * tests <= _RISK * comb(trials, failures)


def _in_one_arc(trials: Sequence[Trial], period: float, moment: Callable[[Trial], float]) -> bool:
    """Tell whether the failures are alone in one part of a period that comes round again."""
    ordered = sorted(trials, key=lambda trial: moment(trial) % period)
    failures = sum(trial.failed for trial in trials)
    if not 0 < failures < len(trials) or not _unlikely(len(trials), failures, len(trials)):
        return False
    changes = sum(
        a.failed != b.failed for a, b in zip(ordered, ordered[1:] + ordered[:1], strict=True)
    )
    periods = {moment(trial) // period for trial in trials if trial.failed}
    return changes == 2 and len(periods) >= _PERIODS  # into the arc and out of it


def _span(trials: Sequence[Trial], period: float, moment: Callable[[Trial], float]) -> str:
    """Return where the arc of the failures begins and ends."""
    ordered = sorted(trials, key=lambda trial: moment(trial) % period)
    count = len(ordered)
    begin = next(i for i in range(count) if ordered[i].failed and not ordered[i - 1].failed)
    end = next(i for i in range(count) if ordered[i].failed and not ordered[(i + 1) % count].failed)
    style = {_HOUR: "%M min", _DAY: "%H:%M"}.get(int(period), "%A %H:%M")
    first, last = (
        dt.datetime.fromtimestamp(moment(ordered[i]), dt.UTC).strftime(style) for i in (begin, end)
    )
    return f"seen from {first} to {last}"


def _separating(
    trials: Sequence[Trial], group: Callable[[Trial], Hashable], least: int
) -> set[Hashable]:
    """Return the values with which the test always fails, if it never fails with another one.

    Args:
        trials: Of the test.
        group: Gives the value of a trial.
        least: Days on which it must have failed.
    """
    failing = {group(trial) for trial in trials if trial.failed}
    passing = {group(trial) for trial in trials if not trial.failed}
    failures = sum(trial.failed for trial in trials)
    if not failing or not passing or failing & passing:
        return set()
    days = {trial.started // _DAY for trial in trials if trial.failed}
    choices = 2 ** len(failing | passing)
    unlikely = _unlikely(choices, failures, len(trials))
    return failing if len(days) >= least and unlikely else set()
