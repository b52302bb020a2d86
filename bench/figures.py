"""What measuring finds: figures, and the report of a part, with its form as JSON."""

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "docs" / "reference" / "bench"
OURS = "this template"
DRIFT = 0.1  # by how much the same work differs between two runs of the bench on one machine
ONCE = 0.25  # the drift of what is measured once, and waits for disk and network

Direction = Literal["at most", "at least"]
State = Literal["measured", "could not measure", "failed"]


class Unmeasured(Exception):  # noqa: N818 - it is no error
    """This machine lacks what the figures need; the message says what."""


@dataclass(frozen=True)
class Figure:
    """One measured value.

    Attributes:
        name: What is measured. Figures of one name are drawn side by side.
        value: The median over the runs, unless the part says otherwise.
        unit: Of the value; `x` for a ratio, nothing for a count.
        of: Whose value it is.
        low: The least of the runs.
        high: The most of the runs.
        runs: How many there were.
        within: How far another run may lie beyond the spread, as a share; 0 is for what is exact.
        target: What was promised, if anything was.
        direction: On which side of the target the promise is kept.
        against: What a ratio is relative to.
    """

    name: str
    value: float
    unit: str = ""
    of: str = OURS
    low: float | None = None
    high: float | None = None
    runs: int = 1
    within: float = 0.0
    target: float | None = None
    direction: Direction = "at most"
    against: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the promise is kept; None where there is none."""
        if self.target is None:
            return None
        kept = self.value <= self.target, self.value >= self.target
        return kept[0] if self.direction == "at most" else kept[1]


def of_runs(
    name: str,
    values: Sequence[float],
    unit: str = "",
    *,
    pick: Callable[[Sequence[float]], float] = statistics.median,
    within: float = DRIFT,
    **rest: Any,  # noqa: ANN401 - other attributes of a figure
) -> Figure:
    """Make a figure of several runs."""
    low, high = min(values), max(values)
    runs = len(values)
    return Figure(name, pick(values), unit, low=low, high=high, runs=runs, within=within, **rest)


def of_bests(
    name: str,
    values: Sequence[float],
    others: Sequence[float],
    best: Callable[[Sequence[float]], float],
    **rest: Any,  # noqa: ANN401 - other attributes of a figure
) -> Figure:
    """Make the ratio of the best of several runs to the best of others in turn with them."""
    ratios = [value / other for value, other in zip(values, others, strict=True)]
    return of_runs(name, ratios, "x", pick=lambda _: best(values) / best(others), **rest)


@dataclass(frozen=True)
class Options:
    """What the command line asked for.

    Attributes:
        rounds: How often to measure; each part knows its own number where this is None.
        peers: Templates to measure beside this one: name -> directory.
        notes: Where a part says what it had to leave out.
    """

    rounds: int | None = None
    peers: Mapping[str, Path] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """What a part found, on which machine, and the command that rebuilds it.

    Attributes:
        part: Its name.
        command: What rebuilds it.
        date: When it was measured, as YYYY-MM-DD.
        seconds: How long that took.
        machine: Facts of the machine, and how busy it was with other work.
        state: How it went.
        reason: Why it went wrong, or what was left out.
        peers: Name of each template beside this one -> which state of it.
        figures: What was found.
    """

    part: str
    command: str
    date: str
    seconds: float
    machine: dict[str, str]
    state: State = "measured"
    reason: str = ""
    peers: dict[str, str] = field(default_factory=dict)
    figures: tuple[Figure, ...] = ()

    def find(self, name: str, of: str = OURS, against: str = "") -> Figure | None:
        """Find a figure by its name, whose it is, and the start of what it is relative to."""
        for figure in self.figures:
            if (figure.name, figure.of) == (name, of) and figure.against.startswith(against):
                return figure
        return None


def write(report: Report, results: Path = RESULTS) -> Path:
    """Write a report as JSON; what a figure does not have is left out."""
    document = asdict(report)
    document["figures"] = [_tidy(figure) for figure in report.figures]
    for name in ("reason", "peers"):
        if not document[name]:
            del document[name]
    path = results / f"{report.part}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _tidy(figure: Figure) -> dict[str, Any]:
    blank = asdict(Figure(name="", value=0))
    found = {key: value for key, value in asdict(figure).items() if value != blank[key]}
    found = {key: _rounded(value) for key, value in found.items()}
    found.setdefault("value", 0)
    if figure.target is not None:
        found["direction"] = figure.direction
    return found


def _rounded(value: Any) -> Any:  # noqa: ANN401 - any attribute
    """Keep five digits of a number: more would be noise, and other in every run."""
    return float(f"{value:.5g}") if isinstance(value, float) else value


def read(path: Path) -> Report:
    """Read a report.

    Raises:
        ValueError: The file is no report; the message names it.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        figures = tuple(Figure(**figure) for figure in document.pop("figures"))
        return Report(**document, figures=figures)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: no report of the bench ({error}); measure it again") from error
