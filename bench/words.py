"""How a figure is written for people."""

from bench.figures import OURS, Figure

UNITS = {"": "", "x": " times", "%": " %"}


def amount(value: float, unit: str) -> str:
    """Write a value with its unit: three digits of it, none after the point past a hundred."""
    number = f"{float(f'{value:.3g}'):,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return number + UNITS.get(unit, f" {unit}")


def whose(figure: Figure) -> str:
    """Say whose value it is, or what it is relative to."""
    if not figure.against:
        return figure.of
    return f"{figure.of}, to {figure.against}" if figure.of != OURS else f"to {figure.against}"


def spread(figure: Figure) -> str:
    """Say between what values the runs were, or how far another run may be from the only one."""
    if figure.low is None or figure.high is None or figure.runs < 2:
        return f"± {100 * figure.within:.3g} %" if figure.within else "exact"
    low, high = (amount(value, "") for value in (figure.low, figure.high))
    return f"{low} to {high} in {figure.runs} runs"


def promise(figure: Figure) -> str:
    """Say what was promised."""
    if figure.target is None:
        return ""
    if figure.target == 0 and figure.direction == "at most":
        return "none"
    return f"{figure.direction} {amount(figure.target, figure.unit)}"


def verdict(figure: Figure) -> str:
    """Say whether the promise is kept."""
    return {True: "met", False: "missed", None: ""}[figure.met]
