"""Diagrams as inline SVG, on one line: no scripts, fonts or external addresses.

Colours come from the page where they can, so that a diagram fits its light and its dark theme.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

GOOD: Final = "#2f9e6e"
BAD: Final = "#d9485f"
SKIP: Final = "#8b95a1"
LINE: Final = "#3b82c4"
BLANK: Final = "none"

_CELL = 10
_MAP_ROW = 36
_BAR_ROW, _BAR, _BAR_TEXT = 38, 10, 14


@dataclass(frozen=True)
class Bar:
    """A labelled bar.

    Attributes:
        label: Text above the bar, on the left.
        value: Its length.
        text: Text above the bar, on the right.
        emphasis: Whether it has the accent colour of the page.
        spread: Lowest and highest measured value, drawn as a line.
        spread_tip: Tooltip of that line.
        target: Value of a dashed mark.
        target_tip: Tooltip of that mark.
    """

    label: str
    value: float
    text: str
    emphasis: bool = False
    spread: tuple[float, float] | None = None
    spread_tip: str = ""
    target: float | None = None
    target_tip: str = ""


def bars(rows: Sequence[Bar], title: str) -> str:
    """Return horizontal bars, as wide as the page.

    Lengths are shares of the width and letters keep their size, so that a narrow screen shows
    both.

    Args:
        rows: The bars, from top to bottom.
        title: What the diagram shows, for screen readers.
    """
    longest = max(
        (max(row.value, row.target or 0, row.spread[1] if row.spread else 0) for row in rows),
        default=0,
    )
    parts = [_bar(row, index * _BAR_ROW, longest or 1) for index, row in enumerate(rows)]
    style = (
        "display:block;margin:1em 0 1.6em;overflow:visible;font-family:inherit;"
        f"font-size:{_BAR_TEXT}px"
    )
    return _element(f'width="100%" height="{len(rows) * _BAR_ROW}" style="{style}"', parts, title)


def _bar(row: Bar, top: float, longest: float) -> str:
    def share(value: float) -> str:
        return f"{max(0.0, min(100.0, 100 * value / longest)):.2f}%"

    def line(ends: str, tip: str) -> str:
        title = f"<title>{escape(tip)}</title>"
        return f'<line {ends} stroke="currentColor" stroke-width="2">{title}</line>'

    fill = "var(--md-accent-fg-color)" if row.emphasis else "currentColor"
    opacity = 1 if row.emphasis else 0.45
    box = f'y="{top + 20}" height="{_BAR}" rx="2"'
    parts = [
        _label("0", top + _BAR_TEXT, row.label, "start"),
        _label("100%", top + _BAR_TEXT, row.text, "end"),
        f'<rect x="0" width="100%" {box} fill="currentColor" fill-opacity="0.08"/>',
        f'<rect x="0" width="{share(row.value)}" {box} fill="{fill}" fill-opacity="{opacity}"/>',
    ]
    if row.spread:
        low, high = map(share, row.spread)
        middle = top + 20 + _BAR / 2
        parts.append(line(f'x1="{low}" x2="{high}" y1="{middle}" y2="{middle}"', row.spread_tip))
    if row.target:
        x = share(row.target)
        ends = f'x1="{x}" x2="{x}" y1="{top + 17}" y2="{top + 23 + _BAR}" stroke-dasharray="3 2"'
        parts.append(line(ends, row.target_tip))
    return "".join(parts)


@dataclass(frozen=True)
class Row:
    """A row of a heat map.

    Attributes:
        label: Text above the cells; a narrow screen shows its beginning.
        colours: The colour of each cell.
        link: Address that the label leads to, "" for none.
    """

    label: str
    colours: Sequence[str]
    link: str = ""


def heat_map(
    rows: Sequence[Row], columns: Sequence[tuple[str, str]], key: Mapping[str, str], title: str
) -> str:
    """Return a map of runs (columns, oldest first) by tests (rows), as wide as the page.

    Args:
        rows: The tests, from top to bottom.
        columns: A label and a tooltip for each run.
        key: What each colour means.
        title: What the diagram shows, for screen readers.
    """
    share = 100 / max(len(columns), 1)
    gap = 0.15 * share
    parts = _key(key, _BAR_TEXT)
    top = 2 * _BAR_TEXT + 6
    shown = {0: "start", len(columns) // 2: "middle", len(columns) - 1: "end"}
    for column, anchor in shown.items() if len(columns) > 2 else ():
        x = {"start": 0.0, "middle": (column + 0.5) * share, "end": 100.0}[anchor]
        parts.append(_text(f"{x:.2f}%", top, columns[column][0], anchor, faint=True))
    for row in rows:
        label = _text("0", top + 19, row.label, "start")
        parts.append(f'<a href="{escape(row.link)}">{label}</a>' if row.link else label)
        for number, colour in enumerate(row.colours):
            if colour != BLANK:
                opacity = "0.45" if colour == GOOD else "1"
                parts.append(
                    f'<rect x="{number * share:.3f}%" y="{top + 24}" width="{share - gap:.3f}%"'
                    f' height="{_CELL}" rx="2" fill="{colour}" fill-opacity="{opacity}">'
                    f"<title>{escape(columns[number][1])}</title></rect>"
                )
        top += _MAP_ROW
    return _wide(top + 28, parts, title)


def _key(colours: Mapping[str, str], baseline: float) -> list[str]:
    """Return what each colour means, in columns of equal width."""
    parts: list[str] = []
    for number, (name, colour) in enumerate(colours.items()):
        x = f"{100 * number / len(colours):.2f}%"
        outline = ' stroke="currentColor" stroke-opacity="0.4"' if colour == BLANK else ""
        opacity = "0.45" if colour == GOOD else "1"
        parts.append(
            f'<svg x="{x}" overflow="visible"><rect y="{baseline - 10}" width="10" height="10"'
            f' rx="2" fill="{colour}" fill-opacity="{opacity}"{outline}/>'
            f"{_text('15', baseline, name, 'start')}</svg>"
        )
    return parts


def areas(series: Mapping[str, tuple[str, Sequence[float]]], title: str, unit: str) -> str:
    """Return stacked areas over the runs, as wide as the page.

    Args:
        series: For each name its colour and its value in each run; drawn from the bottom.
        title: What the diagram shows, for screen readers.
        unit: What the values count.
    """
    length = max((len(values) for _, values in series.values()), default=0)
    totals = [sum(values[i] for _, values in series.values()) for i in range(length)]
    chart = _Chart(length, max(totals, default=0), unit)
    base = [0.0] * length
    shapes: list[str] = []
    for name, (colour, values) in series.items():
        upper = [low + value for low, value in zip(base, values, strict=True)]
        points = [chart.point(i, v) for i, v in enumerate(upper)]
        points += [chart.point(i, base[i]) for i in range(length - 1, -1, -1)]
        shapes.append(
            f'<polygon points="{" ".join(points)}" fill="{colour}" fill-opacity="0.75">'
            f"<title>{escape(name)}</title></polygon>"
        )
        base = upper
    key = _key({name: colour for name, (colour, _) in series.items()}, chart.height + 44)
    return _wide(chart.height + 54, [*chart.draw(shapes), *key], title)


def line(values: Sequence[float], title: str, unit: str) -> str:
    """Return a line over the runs, as wide as the page."""
    chart = _Chart(len(values), max(values, default=0.0), unit)
    points = " ".join(chart.point(i, value) for i, value in enumerate(values))
    shape = (
        f'<polyline points="{points}" fill="none" stroke="{LINE}" stroke-width="2"'
        ' vector-effect="non-scaling-stroke"/>'
    )
    return _wide(chart.height + 28, chart.draw([shape]), title)


class _Chart:
    """Axes of a chart over runs; shapes are stretched to the width of the page, text is not."""

    height = 160
    top = 8
    left, right = "7%", "100%"

    def __init__(self, length: int, largest: float, unit: str) -> None:
        self._length = max(length - 1, 1)
        self._largest = largest or 1.0
        self._unit = unit

    def point(self, index: int, value: float) -> str:
        """Return the SVG coordinates of a value of a plot, both from 0 to 1000."""
        return f"{1000 * index / self._length:.1f},{1000 - 1000 * value / self._largest:.1f}"

    def draw(self, shapes: Sequence[str]) -> list[str]:
        """Return shapes with their axes."""
        parts = []
        bottom = self.top + self.height
        for share in (0.0, 0.5, 1.0):
            y = bottom - share * self.height
            parts.append(
                f'<line x1="{self.left}" x2="{self.right}" y1="{y:.1f}" y2="{y:.1f}"'
                ' stroke="currentColor" stroke-opacity="0.2"/>'
            )
            parts.append(_text("6%", y + 4, f"{round(share * self._largest, 1):g}", "end"))
        parts.append(_text(self.left, bottom + 16, "older", "start", faint=True))
        parts.append(_text(self.right, bottom + 16, f"newer · {self._unit}", "end", faint=True))
        nested = (
            f'<svg x="{self.left}" y="{self.top}" width="93%" height="{self.height}"'
            f' viewBox="0 0 1000 1000" preserveAspectRatio="none">{"".join(shapes)}</svg>'
        )
        return [*parts, nested]


def _text(x: str, y: float, text: str, anchor: str, *, faint: bool = False) -> str:
    attributes = ' fill-opacity="0.75"' if faint else ""
    return _label(x, round(y), text, anchor, attributes=f'{attributes} font-size="12"')


def _label(x: str, y: float, text: str, anchor: str, *, attributes: str = "") -> str:
    shown = escape(text).replace("`", "&#96;")  # Markdown would read a backtick as code
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="currentColor"{attributes}>'
        f"{shown}</text>"
    )


def _wide(height: float, parts: Sequence[str], title: str) -> str:
    """Return a diagram as wide as the page, whose letters keep their size."""
    style = "display:block;overflow:visible;font-family:inherit"
    return _element(f'width="100%" height="{height:.0f}" style="{style}"', parts, title)


def _element(attributes: str, parts: Sequence[str], title: str) -> str:
    """Return the whole element, on one line, so that Markdown leaves it alone."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title)}"'
        f" {attributes}>{''.join(parts)}</svg>"
    )
