"""The few statistics that the analysis needs."""

from __future__ import annotations

from math import ceil, log, sqrt

_Z = 1.959963985
_MOST = 0.8


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


def runs_needed(failures: int, runs: int, risk: float = 0.05) -> int:
    """Return how many more runs would show a pass, were the test flaky.

    The rate of failure is taken from what was seen, with one failure and one pass added
    (Laplace), and at most 80 %: what fails more often is as good as broken. After that many runs
    the chance of seeing failures only is below `risk`.
    """
    rate = min((failures + 1) / (runs + 2), _MOST)
    return max(1, ceil(log(risk) / log(rate)))
