"""Format figures for people."""

from benchmarks.framework.figures import OURS, Figure

UNITS = {"": "", "x": " times", "%": " %"}


def amount(value: float, unit: str) -> str:
    """Format a value with its unit: three digits, and no decimals from a hundred on."""
    number = f"{float(f'{value:.3g}'):,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return number + UNITS.get(unit, f" {unit}")


def subject(figure: Figure) -> str:
    """Name what was measured, or what a ratio is relative to."""
    if not figure.against:
        return figure.of
    return f"{figure.of}, to {figure.against}" if figure.of != OURS else f"to {figure.against}"


def spread(figure: Figure) -> str:
    """Format the range of the runs, or the tolerance of a single run."""
    if figure.low is None or figure.high is None or figure.runs < 2:
        return f"± {100 * figure.within:.3g} %" if figure.within else "exact"
    low, high = (amount(value, "") for value in (figure.low, figure.high))
    return f"{low} to {high} in {figure.runs} runs"


def target(figure: Figure) -> str:
    """Format the target; an empty text if there is none."""
    if figure.target is None:
        return ""
    if figure.target == 0 and figure.direction == "at most":
        return "none"
    return f"{figure.direction} {amount(figure.target, figure.unit)}"


def verdict(figure: Figure) -> str:
    """Return `pass` or `fail`; an empty text if there is no target."""
    return {True: "pass", False: "fail", None: ""}[figure.passes]
