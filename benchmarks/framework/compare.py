"""Compare two sets of reports: figures agree if their ranges overlap."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.framework import formatting
from benchmarks.framework.figures import Figure, Report, read

BUSY = 25.0  # percent of the CPU that others use from which on times are not comparable
TIME_UNITS = ("s", "ms", "rows/s", "M rows/s")


@dataclass
class Comparison:
    """The result of comparing the figures of a benchmark.

    Attributes:
        agree: How many agree.
        disagree: Pairs whose ranges do not overlap.
        skipped: How many times are not comparable, because the machine was busy.
        unmatched: How many are in one of the reports only.
    """

    agree: int = 0
    disagree: list[tuple[Figure, Figure]] = field(default_factory=list)
    skipped: int = 0
    unmatched: int = 0


def overlap(one: Figure, other: Figure) -> bool:
    """Return whether the ranges of two figures overlap, each widened by its tolerance."""
    (low, high), (other_low, other_high) = _range(one), _range(other)
    return low <= other_high and other_low <= high


def compare(one: Report, other: Report) -> Comparison:
    """Compare two reports of a benchmark."""
    result = Comparison()
    mine, theirs = ({_key(each): each for each in report.figures} for report in (one, other))
    result.unmatched = len(mine.keys() ^ theirs.keys())
    busy = is_busy(one) or is_busy(other)
    for key in (key for key in mine if key in theirs):
        if busy and is_time(mine[key]):
            result.skipped += 1
        elif overlap(mine[key], theirs[key]):
            result.agree += 1
        else:
            result.disagree.append((mine[key], theirs[key]))
    return result


def is_time(figure: Figure) -> bool:
    """Return whether other work affects a figure: wall time, and CPU time except its ratios."""
    return "wall time" in figure.name or figure.unit in TIME_UNITS


def is_busy(report: Report) -> bool:
    """Return whether others used the machine before or after; an unknown share counts as idle."""
    shares = (report.machine.get(f"busy {when}", "") for when in ("before", "after"))
    return any(float(share.split()[0]) > BUSY for share in shares if share.endswith("%"))


def print_comparison(one: Path, other: Path) -> int:
    """Print the differences between two directories of reports; return 1 if there are any.

    Raises:
        ValueError: A directory has no report, or an invalid one, or no benchmark is in both.
    """
    mine, theirs = _reports(one), _reports(other)
    both = [name for name in mine if name in theirs]
    if not both:
        raise ValueError(f"{one} and {other} have no benchmark in common")
    total = Comparison()
    for name in both:
        pair = mine[name], theirs[name]
        result = compare(*pair)
        print("\n".join(_lines(name, pair, result)))
        total.agree += result.agree
        total.skipped += result.skipped
        total.disagree += result.disagree
    for folder, names in ((one, mine.keys() - theirs), (other, theirs.keys() - mine)):
        if names:
            print(f"only in {folder}: {', '.join(sorted(names))}")
    differences, skipped = len(total.disagree), total.skipped
    print(f"\n{total.agree} figures agree, {differences} disagree, {skipped} could not be compared")
    return int(differences > 0)


def _lines(name: str, pair: tuple[Report, Report], result: Comparison) -> Iterator[str]:
    yield f"{name}: {result.agree} agree"
    for mine, theirs in result.disagree:
        values = " and ".join(
            f"{_amount(each)} ({formatting.spread(each)})" for each in (mine, theirs)
        )
        yield f"  disagree: {mine.name}, {formatting.subject(mine)}: {values}"
    for report in pair:
        if report.state != "measured":
            yield f"  {report.state} on {report.date}: {report.reason}"
    if result.skipped:
        shares = " and ".join(_share(report) for report in pair)
        yield f"  could not compare {result.skipped} times: others used {shares} of the machine"
    if result.unmatched:
        yield f"  in one report only: {result.unmatched}"


def _share(report: Report) -> str:
    return " to ".join(report.machine.get(f"busy {when}", "?") for when in ("before", "after"))


def _amount(figure: Figure) -> str:
    return formatting.amount(figure.value, figure.unit)


def _range(figure: Figure) -> tuple[float, float]:
    low = figure.value if figure.low is None else figure.low
    high = figure.value if figure.high is None else figure.high
    return low - figure.within * abs(low), high + figure.within * abs(high)


def _key(figure: Figure) -> tuple[str, str, str]:
    return figure.name, figure.of, figure.against


def _reports(folder: Path) -> dict[str, Report]:
    reports = {path.stem: read(path) for path in sorted(folder.glob("*.json"))}
    if not reports:
        raise ValueError(f"{folder}: no reports found; `nox -s bench -- all --results={folder}`")
    return reports
