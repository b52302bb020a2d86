"""Statistics for the rate at which a test fails."""

import itertools
from collections.abc import Iterator, Sequence
from math import ceil, log, sqrt

_Z = 1.959963985
_MAX_RATE = 0.8
_MIN_PROBABILITY = 0.001


def wilson(failures: int, runs: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a rate.

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927).
    """
    if runs == 0:
        return 0.0, 1.0
    rate = failures / runs
    scale = 1 + _Z * _Z / runs
    centre = (rate + _Z * _Z / (2 * runs)) / scale
    half = _Z * sqrt(rate * (1 - rate) / runs + _Z * _Z / (4 * runs * runs)) / scale
    return max(0.0, centre - half), min(1.0, centre + half)


def flaky_rate(failed: Sequence[bool]) -> tuple[float, float]:
    """Return the 95 % interval of the rate at which a flaky test fails by chance.

    A streak of failures that is too long for chance is a regression and does not count. One
    failure and one pass are the proof that the test is flaky, so they are no sample of its rate.

    Args:
        failed: Whether each run failed, in order of time; with at least one of either.
    """
    counted = list(_by_coincidence(failed))
    runs, failures = len(counted), sum(counted)
    if not failures:
        return 0.0, wilson(0, runs)[1]
    return wilson(failures - 1, runs - 1)[0], wilson(failures, max(runs - 1, failures))[1]


def _by_coincidence(failed: Sequence[bool]) -> Iterator[bool]:
    runs, failures = len(failed), sum(failed)
    for bad, streak in itertools.groupby(failed):
        length = len(list(streak))
        # The rate of the other runs, with one failure and one pass added (Laplace).
        rate = (failures - length + 1) / (runs - length + 2)
        if not bad or length == 1 or rate**length >= _MIN_PROBABILITY:
            yield from itertools.repeat(bad, length)


def runs_needed(failures: int, runs: int, risk: float = 0.05) -> int:
    """Return the number of further runs that would include a pass, if the test is flaky.

    The failure rate is estimated from the runs so far, with one failure and one pass added
    (Laplace), and at most 80 %: a test that fails more often counts as broken. After that many runs
    the chance of seeing failures only is below `risk`.
    """
    rate = min((failures + 1) / (runs + 2), _MAX_RATE)
    return max(1, ceil(log(risk) / log(rate)))
