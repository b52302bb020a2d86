"""The page of the bench, from the reports in `docs/reference/bench/`."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.framework import formatting
from benchmarks.framework.figures import OURS, Figure, Report, read
from benchmarks.framework.registry import BENCHMARKS, description
from scripts.pages import missed
from scripts.pages.headlines import HEADLINES
from scripts.pages.plots import bars

SPACE = "\N{NO-BREAK SPACE}"
INTRODUCTION = """\
# Bench

What the template promises, as figures that anyone can rebuild. What misses its target stays in the
table, with [by how much and why](#missed-targets).
"""
REBUILD = """\
## Rebuild

| To | Type |
| --- | --- |
| list the benchmarks, and how long each takes | `nox -s bench -- list` |
| measure all, beside another template | `nox -s bench -- all gh:scientific-python/cookie` |
| measure again, and leave the docs alone | `nox -s bench -- all --results=.cache/again` |
| list the figures of two runs that disagree | `nox -s bench -- agree .cache/again` |

Ratios come first, then CPU time: wall time depends on what else a machine does. A figure is the
median of its runs, unless its benchmark says otherwise; its spread is from the least to the most.
In a plot a thin line is the spread and a dashed mark the target.

Two runs agree where the spreads of a figure meet, each widened by a tenth, as no machine is the
same an hour later. A figure of a single run says how far another may lie from it (`±`), and a count
must be the same (`exact`). If other programs use more than a quarter of a machine, only ratios of
CPU time, and figures that are not times, are compared.

Another template is a path, a URL, `gh:OWNER/NAME` or `pypi:NAME`; `NAME=PATH` gives a path a name.
All are measured on the same machine, in turn.
"""
# What is result of a machine, in these formatting.
FACTS = {
    "processor": "{}",
    "cores": "{} cores",
    "memory": "{}",
    "system": "{}",
    "Python": "{}",
    "uv": "uv {}",
    "engine": "container engine {}",
}


def page(root: Path) -> str:
    """Make the page.

    Raises:
        ValueError: A report cannot be read; the message names it.
    """
    reports = reports_of(root)
    sections = [INTRODUCTION, headlines(root), missed.table(reports), _machines(reports), REBUILD]
    return "\n".join([*sections, *(_section(name, reports.get(name)) for name in BENCHMARKS)])


def reports_of(root: Path) -> dict[str, Report]:
    """Read every report that there is."""
    paths = sorted((root / "docs" / "reference" / "bench").glob("*.json"))
    return {path.stem: read(path) for path in paths}


def headlines(root: Path) -> str:
    """Make the table of the most important figures, which heads the page."""
    reports = reports_of(root)
    lines = ["| What | Promised | Measured |", "| --- | --- | --- |"]
    for headline in HEADLINES:
        report = reports.get(headline.part)
        figure = headline.find(report)
        result = _result(report, figure)
        promised = _promise(figure) if figure else ""
        lines.append(f"| [{headline.text}](#{headline.part}) | {promised} | {result} |")
    return "\n".join(lines) + "\n"


def _result(report: Report | None, figure: Figure | None) -> str:
    if figure:
        value = _value(figure)
        return f"{value}, {_verdict(figure)}" if figure.passes is not None else value
    if report and report.state != "measured":
        return report.state
    return "not measured"


def _value(figure: Figure) -> str:
    """Write the value so that no line ends within it."""
    return formatting.amount(figure.value, figure.unit).replace(" ", SPACE)


def _promise(figure: Figure) -> str:
    if figure.target is None:
        return ""
    amount = formatting.amount(figure.target, figure.unit)
    return formatting.target(figure).replace(amount, amount.replace(" ", SPACE))


def _verdict(figure: Figure) -> str:
    return (
        f"**{formatting.verdict(figure)}**"
        if figure.passes is False
        else formatting.verdict(figure)
    )


def _machines(reports: dict[str, Report]) -> str:
    """Describe the machine; where parts met several, say which met which."""
    lines = []
    met: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for name in (name for name in BENCHMARKS if name in reports):
        facts = tuple(f for f in reports[name].machine.items() if f[0] in FACTS)
        met.setdefault(facts, []).append(name)
    for facts, names in met.items():
        where = "The machine" if len(met) == 1 else f"The machine of {', '.join(names)}"
        lines += [f"{where}: {', '.join(FACTS[key].format(value) for key, value in facts)}.", ""]
    return "\n".join(lines)


def _section(name: str, report: Report | None) -> str:
    result = description(name)
    summary = f"{result.summary[0].upper()}{result.summary[1:]}. {result.method}"
    lines = [f"## {result.title} {{ #{name} }}", "", summary, ""]
    if report is None:
        return "\n".join([*lines, f"Not measured yet: `nox -s bench -- {name}`.", ""])
    lines += ["```sh", report.command, "```", ""]
    if report.reason:
        state = "Left out" if report.state == "measured" else report.state.capitalize()
        lines += [f"{state}:", "", "```text", report.reason, "```", ""]
    plot = _plot(report.figures)
    first = [each for each in report.figures if each.target is not None or each.against]
    rest = [each for each in report.figures if each not in first and each not in plot]
    if not first:
        first, rest = rest, []
    if first:
        lines += [*_table(first), ""]
    if plot:
        lines += [f"**{plot[0].name}**", "", bars(plot), ""]
    if rest:
        title = f"{len(rest)} more figures" if rest[1:] else "One more figure"
        lines += [f'??? note "{title}"', ""]
        lines += [f"    {line}" for line in _table(rest)] + [""]
    return "\n".join([*lines, _end(report), ""])


def _end(report: Report) -> str:
    """Say when the figures were measured, beside what, and how busy the machine was."""
    result = [f"Measured on {report.date} in {formatting.amount(report.seconds, 's')}"]
    shares = [report.machine.get(f"busy {when}") for when in ("before", "after")]
    if all(shares):
        result.append(f"others used {' of the machine before and '.join(map(str, shares))} after")
    result += [f"{name} is at `{state}`" for name, state in report.peers.items()]
    return f"{'; '.join(result)}. [As JSON](bench/{report.benchmark}.json)."


def _table(figures: list[Figure]) -> Iterator[str]:
    yield "| Figure | Value | Spread | Promised |"
    yield "| --- | ---: | --- | --- |"
    for figure in figures:
        value = _value(figure)
        promised = ", ".join(filter(None, (_promise(figure), _verdict(figure))))
        yield f"| {_name(figure)} | {value} | {formatting.spread(figure)} | {promised} |"


def _name(figure: Figure) -> str:
    if figure.against:
        return f"{figure.name} {formatting.subject(figure)}"
    return figure.name if figure.of == OURS else f"{figure.name}: {figure.of}"


def _plot(figures: tuple[Figure, ...]) -> list[Figure]:
    """Choose what is drawn: values of one name, of more than one; with a promise, if any has."""
    groups: dict[str, list[Figure]] = {}
    for figure in figures:
        groups.setdefault(figure.name, []).append(figure)
    worth = [group for group in groups.values() if len({figure.of for figure in group}) > 1]
    promised = [group for group in worth if any(figure.target is not None for figure in group)]
    return next(iter([*promised, *worth]), [])
