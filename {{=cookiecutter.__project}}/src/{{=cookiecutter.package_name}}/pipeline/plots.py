"""SVG plots for light and dark mode, without a plotting library."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 34, 68, 50
STYLE = """\
.back{fill:#fff}.ink{fill:#24292f}.line{stroke:#24292f}.grid{stroke:#d0d7de}
.a{--c:#0550ae}.b{--c:#bc4c00}.a,.b{stroke:var(--c);fill:var(--c)}.open{fill:none;stroke-width:2}
@media (prefers-color-scheme:dark){.back{fill:#1c2128}.ink{fill:#d7dee6}.line{stroke:#d7dee6}
.grid{stroke:#444c56}.a{--c:#6cb6ff}.b{--c:#f69d50}}
text{font:14px system-ui,sans-serif}.title{font-size:16px;font-weight:600}"""
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Frame:
    """The axes of a plot.

    Attributes:
        title: Title of the plot.
        x: Label, minimum and maximum of the horizontal axis.
        y: Label, minimum and maximum of the vertical axis.
    """

    title: str
    x: tuple[str, float, float]
    y: tuple[str, float, float]

    def position(self, x: float, y: float) -> tuple[float, float]:
        """Return the position of a point in the picture."""
        (_, left, right), (_, low, high) = self.x, self.y
        across = (x - left) / ((right - left) or 1)
        up = (y - low) / ((high - low) or 1)
        return (
            LEFT + across * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM),
        )

    def draw(self, *marks: str) -> str:
        """Return a picture of the axes and the marks."""
        return _picture(self.title, HEIGHT, [*self._axes(), *marks])

    def _axes(self) -> Iterable[str]:
        (across, left, right), (up, low, high) = self.x, self.y
        for x in ticks(left, right):
            yield _text(self.position(x, low)[0], HEIGHT - BOTTOM + 20, f"{x:g}", "middle")
        for y in ticks(low, high):
            height = self.position(left, y)[1]
            yield f'<path class="grid" d="M{LEFT} {height:.1f}H{WIDTH - RIGHT}"/>'
            yield _text(LEFT - 8, height + 5, f"{y:g}", "end")
        yield _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, across, "middle")
        yield _text(16, TOP - 20, up, "start")


def ticks(low: float, high: float) -> list[float]:
    """Return up to seven round numbers between two values."""
    if low == high:
        return [low]
    min_step = (high - low) / 6
    power = 10.0 ** floor(log10(min_step))
    step = next(power * each for each in (1, 2, 2.5, 5, 10) if power * each >= min_step * 0.999)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def curve(title: str, x: str, y: str, points: Points) -> str:
    """Draw a line through points."""
    xs, ys = zip(*points, strict=True)
    frame = Frame(title, (x, min(xs), max(xs)), (y, min(0.0, *ys), max(ys)))
    return frame.draw(_line(frame, points, "a"))


def roc(title: str, points: Points) -> str:
    """Draw a ROC curve and the diagonal of a random classifier."""
    share = ("share of normal windows called anomalous", 0.0, 1.0)
    frame = Frame(title, share, ("share of anomalies found", 0.0, 1.0))
    return frame.draw(_line(frame, [(0, 0), (1, 1)], "b"), _line(frame, points, "a"))


def histogram(title: str, x: str, groups: dict[str, Sequence[float]], bins: int = 30) -> str:
    """Draw a histogram of the values of two groups."""
    every = [value for values in groups.values() for value in values]
    low, high = min(every), max(every)
    width = (high - low) / bins or 1.0
    counts = {}
    for name, values in groups.items():
        counts[name] = [0] * bins
        for value in values:
            counts[name][min(int((value - low) / width), bins - 1)] += 1
    highest = max(max(each) for each in counts.values())
    frame = Frame(title, (x, low, high), ("windows", 0.0, float(highest)))
    marks = []
    for number, (name, each) in enumerate(counts.items()):
        colour = "ab"[number]
        for index, count in enumerate(each):
            if count:
                left, top = frame.position(low + index * width, count)
                right, ground = frame.position(low + (index + 1) * width, 0)
                marks.append(
                    f'<rect class="{colour}" fill-opacity=".45" x="{left:.1f}" y="{top:.1f}" '
                    f'width="{right - left:.1f}" height="{ground - top:.1f}"/>'
                )
        marks.append(_key(name, colour, number))
    return frame.draw(*marks)


def bars(title: str, values: dict[str, float]) -> str:
    """Draw a bar for each value, from 0 to 1, with its name and its number."""
    marks, room = [], 200
    for number, (name, value) in enumerate(values.items()):
        top = 44 + number * 40
        length = value * (WIDTH - room - 90)
        marks.append(_text(room - 10, top + 18, name, "end"))
        marks.append(
            f'<rect class="a" x="{room}" y="{top}" width="{length:.1f}" height="24" rx="3"/>'
        )
        marks.append(_text(room + length + 8, top + 18, f"{value:.4f}", "start"))
    return _picture(title, 56 + 40 * len(values), marks)


def _line(frame: Frame, points: Points, colour: str) -> str:
    positions = (frame.position(x, y) for x, y in points)
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in positions)
    return f'<path class="{colour} open" d="M{path}"/>'


def _key(name: str, colour: str, number: int) -> str:
    x, y = LEFT + 16, TOP + 8 + 22 * number
    box = f'<rect class="{colour}" fill-opacity=".45" x="{x}" y="{y}" width="14" height="14"/>'
    return box + _text(x + 22, y + 12, name, "start")


def _text(x: float, y: float, text: str, anchor: str) -> str:
    position = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="ink" {position}>{escape(text)}</text>'


def _picture(title: str, height: int, marks: list[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
        f'<rect class="back" width="{WIDTH}" height="{height}" rx="6"/>'
        f'<text class="ink title" x="16" y="22">{escape(title)}</text>'
    )
    return "\n".join([head, *marks, "</svg>\n"])
