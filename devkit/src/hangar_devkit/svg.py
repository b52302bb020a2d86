"""Pictures as inline SVG: no script, no font, no address outside the page."""

from collections.abc import Mapping, Sequence
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


def heat_map(rows: Sequence[tuple[str, Sequence[str]]], columns: Sequence[str], title: str) -> str:
    """Return a map of runs (columns, oldest first) by tests (rows).

    Args:
        rows: For each test its name and the colour of each run.
        columns: A tip for each run.
        title: What the picture shows, for those who cannot see it.
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
        title: What the picture shows.
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

    def __init__(self, length: int, most: float, unit: str) -> None:
        self._length = max(length - 1, 1)
        self._most = most or 1.0
        self._unit = unit

    def point(self, index: int, value: float) -> str:
        x = self.left + index * (self.width - self.left - 16) / self._length
        y = self.bottom - value * (self.bottom - self.top) / self._most
        return f"{x:.1f},{y:.1f}"

    def frame(self) -> list[str]:
        parts = []
        for share in (0.0, 0.5, 1.0):
            y = self.bottom - share * (self.bottom - self.top)
            parts.append(
                f'<line x1="{self.left}" x2="{self.width - 16}" y1="{y:.1f}" y2="{y:.1f}"'
                ' stroke="currentColor" stroke-opacity="0.2"/>'
            )
            parts.append(_text(self.left - 6, y + 4, f"{share * self._most:.3g}", "end"))
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
    opacity = ' fill-opacity="0.75"' if faint else ""
    title = f"<title>{escape(tip)}</title>" if tip else ""
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="currentColor"{opacity}'
        f' font-size="11">{title}{escape(text)}</text>'
    )


def _shorten(name: str, length: int = 50) -> str:
    return name if len(name) <= length else f"…{name[1 - length :]}"


def _svg(width: float, height: float, parts: Sequence[str], title: str) -> str:
    """Wrap the parts; the whole is one line, so that Markdown leaves it alone."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width:.0f} {height:.0f}"'
        f' width="{width:.0f}" style="max-width:100%;height:auto;font-family:system-ui,sans-serif"'
        f' aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )
