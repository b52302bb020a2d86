"""Compare two runs of the bench: figures agree where their spreads meet."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench import words
from bench.figures import Figure, Report, read

QUIET = 25.0  # percent of the machine that others may use while a time still says something
TIMED = ("s", "ms", "rows/s", "M rows/s")


@dataclass
class Verdicts:
    """What became of the figures of a part.

    Attributes:
        agree: How many agree.
        apart: Pairs of which the spreads do not meet.
        busy: How many times say nothing, as the machine did other work, too.
        alone: How many are in one of the runs only.
    """

    agree: int = 0
    apart: list[tuple[Figure, Figure]] = field(default_factory=list)
    busy: int = 0
    alone: int = 0


def meet(one: Figure, other: Figure) -> bool:
    """Say whether the spreads of two figures meet, each with the drift that it allows."""
    (low, high), (least, most) = _range(one), _range(other)
    return low <= most and least <= high


def compare(one: Report, other: Report) -> Verdicts:
    """Compare the figures of a part from two runs."""
    found = Verdicts()
    mine, theirs = ({_key(each): each for each in run.figures} for run in (one, other))
    found.alone = len(mine.keys() ^ theirs.keys())
    restless = is_busy(one) or is_busy(other)
    for key in (key for key in mine if key in theirs):
        if restless and is_time(mine[key]):
            found.busy += 1
        elif meet(mine[key], theirs[key]):
            found.agree += 1
        else:
            found.apart.append((mine[key], theirs[key]))
    return found


def is_time(figure: Figure) -> bool:
    """Say whether other work changes a figure: any wall time, and CPU time but for its ratios."""
    return "wall time" in figure.name or figure.unit in TIMED


def is_busy(report: Report) -> bool:
    """Say whether others used the machine before or after a part was measured; unknown is not."""
    shares = (report.machine.get(f"busy {when}", "") for when in ("before", "after"))
    return any(float(share.split()[0]) > QUIET for share in shares if share.endswith("%"))


def tell(one: Path, other: Path) -> int:
    """Print which figures of two directories of reports disagree; return 1 if any does.

    Raises:
        ValueError: A directory has no report, or one that cannot be read, or both share no part.
    """
    mine, theirs = _reports(one), _reports(other)
    both = [part for part in mine if part in theirs]
    if not both:
        raise ValueError(f"{one} and {other} have no part in common")
    every = Verdicts()
    for part in both:
        pair = mine[part], theirs[part]
        verdicts = compare(*pair)
        print("\n".join(_lines(part, pair, verdicts)))
        every.agree += verdicts.agree
        every.busy += verdicts.busy
        every.apart += verdicts.apart
    for place, parts in ((one, mine.keys() - theirs), (other, theirs.keys() - mine)):
        if parts:
            print(f"only in {place}: {', '.join(sorted(parts))}")
    apart, busy = len(every.apart), every.busy
    print(f"\n{every.agree} figures agree, {apart} do not, {busy} could not be compared")
    return int(apart > 0)


def _lines(part: str, pair: tuple[Report, Report], verdicts: Verdicts) -> Iterator[str]:
    yield f"{part}: {verdicts.agree} agree"
    for mine, theirs in verdicts.apart:
        values = " and ".join(f"{_amount(each)} ({words.spread(each)})" for each in (mine, theirs))
        yield f"  apart: {mine.name}, {words.whose(mine)}: {values}"
    for report in pair:
        if report.state != "measured":
            yield f"  {report.state} on {report.date}: {report.reason}"
    if verdicts.busy:
        shares = " and ".join(_share(report) for report in pair)
        yield f"  could not compare {verdicts.busy} times: others used {shares} of the machine"
    if verdicts.alone:
        yield f"  in one run only: {verdicts.alone}"


def _share(report: Report) -> str:
    return " to ".join(report.machine.get(f"busy {when}", "?") for when in ("before", "after"))


def _amount(figure: Figure) -> str:
    return words.amount(figure.value, figure.unit)


def _range(figure: Figure) -> tuple[float, float]:
    low = figure.value if figure.low is None else figure.low
    high = figure.value if figure.high is None else figure.high
    return low - figure.within * abs(low), high + figure.within * abs(high)


def _key(figure: Figure) -> tuple[str, str, str]:
    return figure.name, figure.of, figure.against


def _reports(folder: Path) -> dict[str, Report]:
    found = {path.stem: read(path) for path in sorted(folder.glob("*.json"))}
    if not found:
        raise ValueError(f"{folder}: no reports here; `nox -s bench -- all --results={folder}`")
    return found
