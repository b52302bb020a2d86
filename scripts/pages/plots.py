"""Figures of the benchmarks as bars."""

from collections.abc import Sequence

from benchmarks.framework import formatting
from benchmarks.framework.figures import OURS, Figure
from hangar_devkit import svg


def bars(figures: Sequence[Figure]) -> str:
    """Draw figures of one name, each with its value, the spread of its runs and its target."""
    return svg.bars([_bar(figure) for figure in figures], figures[0].name)


def _bar(figure: Figure) -> svg.Bar:
    text, spread = formatting.amount(figure.value, figure.unit), formatting.spread(figure)
    has_spread = figure.runs > 1 and figure.low is not None and figure.high is not None
    return svg.Bar(
        label=figure.of.replace("`", ""),
        value=figure.value,
        text=f"{text} ({spread.partition(' in ')[0]})" if figure.runs > 1 else text,
        emphasis=figure.of.startswith(OURS) or figure.target is not None,
        spread=(figure.low or 0, figure.high or 0) if has_spread else None,
        spread_tip=spread,
        target=figure.target,
        target_tip=formatting.target(figure),
    )
