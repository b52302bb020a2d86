"""Bars as inline SVG: as wide as the page, in its colours, light and dark.

Lengths are shares of the width and letters have a size of their own, so that a narrow screen shows
both whole.
"""

from collections.abc import Sequence
from html import escape

from benchmarks.framework import formatting
from benchmarks.framework.figures import OURS, Figure

ROW, BAR, TEXT = 38, 10, 14
STYLE = f"display:block;margin:1em 0 1.6em;overflow:visible;font-family:inherit;font-size:{TEXT}px"


def bars(figures: Sequence[Figure]) -> str:
    """Draw figures of one name, each with its value, the spread of its runs and its promise.

    Returns:
        One line, so that Markdown leaves it alone.
    """
    name = figures[0].name
    most = max(max(figure.value, figure.high or 0, figure.target or 0) for figure in figures) or 1
    rows = [_row(figure, place * ROW, most) for place, figure in enumerate(figures)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(name)}"'
        f' width="100%" height="{len(figures) * ROW}" style="{STYLE}">{"".join(rows)}</svg>'
    )


def _row(figure: Figure, top: float, most: float) -> str:
    ours = figure.of.startswith(OURS) or figure.target is not None
    fill = "var(--md-accent-fg-color)" if ours else "currentColor"
    share = _share(figure.value, most)
    bar = f'y="{top + 20}" height="{BAR}" rx="2"'
    parts = [
        _text("0", top + TEXT, figure.of, "start"),
        _text("100%", top + TEXT, _value(figure), "end"),
        f'<rect x="0" width="100%" {bar} fill="currentColor" fill-opacity="0.08"/>',
        f'<rect x="0" width="{share}" {bar} fill="{fill}" fill-opacity="{1 if ours else 0.45}"/>',
    ]
    if figure.runs > 1 and figure.low is not None and figure.high is not None:
        ends = f'x1="{_share(figure.low, most)}" x2="{_share(figure.high, most)}"'
        middle = top + 20 + BAR / 2
        parts.append(_line(f'{ends} y1="{middle}" y2="{middle}"', formatting.spread(figure)))
    if figure.target:
        at = _share(figure.target, most)
        ends = f'x1="{at}" x2="{at}" y1="{top + 17}" y2="{top + 23 + BAR}" stroke-dasharray="3 2"'
        parts.append(_line(ends, formatting.target(figure)))
    return "".join(parts)


def _value(figure: Figure) -> str:
    value, spread = formatting.amount(figure.value, figure.unit), formatting.spread(figure)
    return f"{value} ({spread.partition(' in ')[0]})" if figure.runs > 1 else value


def _share(value: float, most: float) -> str:
    return f"{max(0.0, min(100.0, 100 * value / most)):.2f}%"


def _text(x: str, y: float, text: str, anchor: str) -> str:
    # Markdown would take a backquote for its own.
    told = escape(text.replace("`", ""))
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="currentColor">{told}</text>'


def _line(ends: str, tip: str) -> str:
    title = f"<title>{escape(tip)}</title>"
    return f'<line {ends} stroke="currentColor" stroke-width="2">{title}</line>'
