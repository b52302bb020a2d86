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

_CELL = 12
_LABEL = 330
_ROW = 16
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


def heat_map(rows: Sequence[tuple[str, Sequence[str]]], columns: Sequence[str], title: str) -> str:
    """Return a map of runs (columns, oldest first) by tests (rows).

    Args:
        rows: For each test its name and the colour of each run.
        columns: A tooltip for each run.
        title: What the diagram shows, for screen readers.
    """
    width = _LABEL + _CELL * len(columns) + 10
    height = _ROW * len(rows) + 24
    parts: list[str] = []
    for y, (name, colours) in enumerate(rows):
        top = y * _ROW + 4
        parts.append(_text(_LABEL - 8, top + 10, _shorten(name), "end", tip=name))
        for x, colour in enumerate(colours):
            if colour != BLANK:
                left = _LABEL + x * _CELL
                parts.append(
                    f'<rect x="{left}" y="{top}" width="{_CELL - 2}" height="{_CELL}" rx="2"'
                    f' fill="{colour}"><title>{escape(columns[x])}</title></rect>'
                )
    parts.append(_text(_LABEL, height - 4, "older", "start", faint=True))
    parts.append(_text(width - 10, height - 4, "newer", "end", faint=True))
    return _svg(width, height, parts, title)


def areas(series: Mapping[str, tuple[str, Sequence[float]]], title: str, unit: str) -> str:
    """Return stacked areas over the runs.

    Args:
        series: For each name its colour and its value in each run; drawn from the bottom.
        title: What the diagram shows, for screen readers.
        unit: What the values count.
    """
    length = max((len(values) for _, values in series.values()), default=0)
    totals = [sum(values[i] for _, values in series.values()) for i in range(length)]
    chart = _Chart(length, max(totals, default=0), unit)
    base = [0.0] * length
    parts = chart.frame()
    for name, (colour, values) in series.items():
        upper = [low + value for low, value in zip(base, values, strict=True)]
        points = [chart.point(i, v) for i, v in enumerate(upper)]
        points += [chart.point(i, base[i]) for i in range(length - 1, -1, -1)]
        parts.append(
            f'<polygon points="{" ".join(points)}" fill="{colour}" fill-opacity="0.75">'
            f"<title>{escape(name)}</title></polygon>"
        )
        base = upper
    parts += chart.legend({name: colour for name, (colour, _) in series.items()})
    return _svg(chart.width, chart.height, parts, title)


def line(values: Sequence[float], title: str, unit: str) -> str:
    """Return a line over the runs."""
    chart = _Chart(len(values), max(values, default=0.0), unit)
    points = " ".join(chart.point(i, value) for i, value in enumerate(values))
    parts = chart.frame()
    parts.append(f'<polyline points="{points}" fill="none" stroke="{LINE}" stroke-width="2"/>')
    return _svg(chart.width, chart.height, parts, title)


class _Chart:
    """Axes of a chart over runs."""

    width = 720
    height = 210
    left = 56
    top = 14
    bottom = 172

    def __init__(self, length: int, largest: float, unit: str) -> None:
        self._length = max(length - 1, 1)
        self._largest = largest or 1.0
        self._unit = unit

    def point(self, index: int, value: float) -> str:
        x = self.left + index * (self.width - self.left - 16) / self._length
        y = self.bottom - value * (self.bottom - self.top) / self._largest
        return f"{x:.1f},{y:.1f}"

    def frame(self) -> list[str]:
        parts = []
        for share in (0.0, 0.5, 1.0):
            y = self.bottom - share * (self.bottom - self.top)
            parts.append(
                f'<line x1="{self.left}" x2="{self.width - 16}" y1="{y:.1f}" y2="{y:.1f}"'
                ' stroke="currentColor" stroke-opacity="0.2"/>'
            )
            parts.append(_text(self.left - 6, y + 4, f"{share * self._largest:.3g}", "end"))
        parts.append(_text(self.left, self.bottom + 16, "older", "start", faint=True))
        parts.append(
            _text(self.width - 16, self.bottom + 16, f"newer · {self._unit}", "end", faint=True)
        )
        return parts

    def legend(self, colours: Mapping[str, str]) -> list[str]:
        parts: list[str] = []
        x = self.left
        for name, colour in colours.items():
            parts.append(
                f'<rect x="{x}" y="{self.height - 14}" width="10" height="10" rx="2"'
                f' fill="{colour}"/>'
            )
            parts.append(_text(x + 14, self.height - 5, name, "start"))
            x += 30 + 7 * len(name)
        return parts


def _text(  # noqa: PLR0913 - the attributes of one element
    x: float, y: float, text: str, anchor: str, *, faint: bool = False, tip: str = ""
) -> str:
    attributes = ' fill-opacity="0.75"' if faint else ""
    return _label(
        f"{x:.0f}", round(y), text, anchor, attributes=f'{attributes} font-size="11"', tip=tip
    )


def _label(  # noqa: PLR0913 - the attributes of one element
    x: str, y: float, text: str, anchor: str, *, attributes: str = "", tip: str = ""
) -> str:
    title = f"<title>{escape(tip)}</title>" if tip else ""
    shown = escape(text).replace("`", "&#96;")  # Markdown would read a backtick as code
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="currentColor"{attributes}>'
        f"{title}{shown}</text>"
    )


def _shorten(name: str, length: int = 50) -> str:
    return name if len(name) <= length else f"…{name[1 - length :]}"


def _svg(width: float, height: float, parts: Sequence[str], title: str) -> str:
    """Return a diagram of a fixed size that shrinks with the page."""
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}"'
    style = "max-width:100%;height:auto;font-family:system-ui,sans-serif"
    return _element(f'{size} style="{style}"', parts, title)


def _element(attributes: str, parts: Sequence[str], title: str) -> str:
    """Return the whole element, on one line, so that Markdown leaves it alone."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title)}"'
        f" {attributes}>{''.join(parts)}</svg>"
    )
