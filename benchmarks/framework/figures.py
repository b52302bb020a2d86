"""Figures, and the report of a benchmark with its JSON form."""

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "docs" / "reference" / "bench"
OURS = "this template"
DRIFT = 0.1  # how much repeated measurements of the same work differ on one machine
ONCE = 0.25  # the drift of a single run that waits for disk and network

Direction = Literal["at most", "at least"]
State = Literal["measured", "could not measure", "failed"]


class Skipped(Exception):  # noqa: N818 - not an error
    """The benchmark cannot run on this machine; the message says what is missing."""


@dataclass(frozen=True)
class Figure:
    """One measured value.

    Attributes:
        name: What is measured. Figures with the same name are plotted together.
        value: The median of the runs, unless the benchmark says otherwise.
        unit: The unit of the value; `x` for a ratio, empty for a count.
        of: What was measured: this template, a peer, an alternative.
        low: The lowest value of the runs.
        high: The highest value of the runs.
        runs: The number of runs.
        within: How far another run may lie outside the range, as a share; 0 for an exact value.
        target: The value to reach, if there is one.
        direction: Whether the target is an upper or a lower limit.
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
    def passes(self) -> bool | None:
        """Whether the value reaches the target; None without a target."""
        if self.target is None:
            return None
        if self.direction == "at most":
            return self.value <= self.target
        return self.value >= self.target


def from_runs(
    name: str,
    values: Sequence[float],
    unit: str = "",
    *,
    pick: Callable[[Sequence[float]], float] = statistics.median,
    within: float = DRIFT,
    **rest: Any,  # noqa: ANN401 - other attributes of a figure
) -> Figure:
    """Make a figure from several runs."""
    low, high = min(values), max(values)
    runs = len(values)
    return Figure(name, pick(values), unit, low=low, high=high, runs=runs, within=within, **rest)


def ratio_of_bests(
    name: str,
    values: Sequence[float],
    others: Sequence[float],
    best: Callable[[Sequence[float]], float],
    **rest: Any,  # noqa: ANN401 - other attributes of a figure
) -> Figure:
    """Make the ratio of the best run to the best of the runs interleaved with it."""
    ratios = [value / other for value, other in zip(values, others, strict=True)]
    return from_runs(name, ratios, "x", pick=lambda _: best(values) / best(others), **rest)


@dataclass(frozen=True)
class Options:
    """The options of a benchmark.

    Attributes:
        rounds: How often to measure; None for the benchmark's own default.
        peers: Templates to compare with: name -> directory.
        notes: Where a benchmark notes what it had to leave out.
    """

    rounds: int | None = None
    peers: Mapping[str, Path] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """The figures of a benchmark, the machine, and the command that reproduces them.

    Attributes:
        benchmark: The name of the benchmark.
        command: The command that reproduces the figures.
        date: When it was measured, as YYYY-MM-DD.
        seconds: How long the measurement took.
        machine: Facts about the machine, and how busy it was with other work.
        state: Whether the benchmark succeeded.
        reason: Why it failed, or what was left out.
        peers: The version of each template that was compared.
        figures: The figures.
    """

    benchmark: str
    command: str
    date: str
    seconds: float
    machine: dict[str, str]
    state: State = "measured"
    reason: str = ""
    peers: dict[str, str] = field(default_factory=dict)
    figures: tuple[Figure, ...] = ()

    def find(self, name: str, of: str = OURS, against: str = "") -> Figure | None:
        """Find a figure by its name, its subject, and the start of what it is relative to."""
        for figure in self.figures:
            if (figure.name, figure.of) == (name, of) and figure.against.startswith(against):
                return figure
        return None


def write(report: Report, results: Path = RESULTS) -> Path:
    """Write a report as JSON, without attributes that have their default value."""
    document = asdict(report)
    document["figures"] = [_tidy(figure) for figure in report.figures]
    for name in ("reason", "peers"):
        if not document[name]:
            del document[name]
    path = results / f"{report.benchmark}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _tidy(figure: Figure) -> dict[str, Any]:
    defaults = asdict(Figure(name="", value=0))
    given = {key: value for key, value in asdict(figure).items() if value != defaults[key]}
    given = {key: _rounded(value) for key, value in given.items()}
    given.setdefault("value", 0)
    if figure.target is not None:
        given["direction"] = figure.direction
    return given


def _rounded(value: Any) -> Any:  # noqa: ANN401 - any attribute
    """Round a number to five digits: more would be noise that changes with every run."""
    return float(f"{value:.5g}") if isinstance(value, float) else value


def read(path: Path) -> Report:
    """Read a report.

    Raises:
        ValueError: The file is not a valid report; the message names it.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        figures = tuple(Figure(**figure) for figure in document.pop("figures"))
        return Report(**document, figures=figures)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path}: not a valid report ({error}); run the benchmark again"
        ) from error
