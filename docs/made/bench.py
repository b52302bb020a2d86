"""The page of the bench, and the README's table, from the reports in `docs/reference/bench/`."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from bench import words
from bench.figures import OURS, Figure, Report, read
from bench.parts import PARTS, about
from docs.made.headlines import HEADLINES
from docs.made.plots import bars

INTRODUCTION = """\
# Bench

What the template promises, as figures that anyone can rebuild: `nox -s bench -- all` measures every
part, `nox -s bench -- list` names them. Ratios come first, then CPU time: wall time depends on what
else a machine does. A figure is the median of its runs unless its part says otherwise; the spread
is from the least to the most. What falls short stays here and says so.

Peers are given by name and address, `nox -s bench -- generation NAME=PATH-OR-URL`, and meet the
same machine in the same run. A dashed mark in a plot is what was promised, a thin line the spread.
"""


def page(root: Path) -> str:
    """Make the page.

    Raises:
        ValueError: A report cannot be read; the message names it.
    """
    reports = reports_of(root)
    sections = [INTRODUCTION, headlines(root, ""), _machines(reports)]
    return "\n".join([*sections, *(_section(name, reports.get(name)) for name in PARTS)])


def reports_of(root: Path) -> dict[str, Report]:
    """Read every report that there is."""
    paths = sorted((root / "docs" / "reference" / "bench").glob("*.json"))
    return {path.stem: read(path) for path in paths}


def headlines(root: Path, address: str) -> str:
    """Make the table of what is told first.

    Args:
        root: The template's root.
        address: Of the page, from where the table stands.
    """
    reports = reports_of(root)
    lines = ["| What | Promised | Measured |", "| --- | --- | --- |"]
    for headline in HEADLINES:
        report = reports.get(headline.part)
        figure = headline.find(report)
        told = _told(report, figure)
        promised = words.promise(figure) if figure else ""
        lines.append(f"| [{headline.text}]({address}#{headline.part}) | {promised} | {told} |")
    return "\n".join(lines) + "\n"


def _told(report: Report | None, figure: Figure | None) -> str:
    if figure:
        value = words.amount(figure.value, figure.unit)
        return f"{value}, {_verdict(figure)}" if figure.met is not None else value
    if report and report.state != "measured":
        return report.state
    return "not measured"


def _verdict(figure: Figure) -> str:
    return f"**{words.verdict(figure)}**" if figure.met is False else words.verdict(figure)


def _machines(reports: dict[str, Report]) -> str:
    """Describe the machine; where parts met several, say which met which."""
    lines = ["## The machine", ""]
    met: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for name in (name for name in PARTS if name in reports):
        facts = tuple(f for f in reports[name].machine.items() if f[0] != "load before")
        met.setdefault(facts, []).append(name)
    for facts, names in met.items():
        if len(met) > 1:
            lines += [f"{', '.join(names)}:", ""]
        lines += ["| | |", "| --- | --- |", *(f"| {key} | {value} |" for key, value in facts), ""]
    return "\n".join(lines)


def _section(name: str, report: Report | None) -> str:
    told = about(name)
    summary = f"{told.summary[0].upper()}{told.summary[1:]}. {told.prose}"
    lines = [f"## {told.title} {{ #{name} }}", "", summary, ""]
    if report is None:
        return "\n".join([*lines, f"Not measured yet: `nox -s bench -- {name}`.", ""])
    lines += ["```sh", report.command, "```", ""]
    if report.state != "measured":
        lines += [f"{report.state.capitalize()}:", "", "```text", report.reason, "```", ""]
    plots = _plots(report.figures)
    drawn = [figure for plot in plots for figure in plot]
    listed = [
        figure for figure in report.figures if figure.target is not None or figure not in drawn
    ]
    if listed:
        lines += [*_table(listed), ""]
    for plot in plots:
        lines += [f"**{plot[0].name}**", "", bars(plot), ""]
    load = report.machine.get("load before", "unknown")
    took = words.amount(report.seconds, "s")
    end = f"Measured on {report.date} in {took}, load before {load}; [as JSON](bench/{name}.json)."
    lines += [end, ""]
    return "\n".join(lines)


def _table(figures: list[Figure]) -> Iterator[str]:
    yield "| Figure | Value | Spread | Promised |"
    yield "| --- | ---: | --- | --- |"
    for figure in figures:
        value = words.amount(figure.value, figure.unit).replace(" ", "\N{NO-BREAK SPACE}")
        promised = ", ".join(filter(None, (words.promise(figure), _verdict(figure))))
        yield f"| {_name(figure)} | {value} | {words.spread(figure)} | {promised} |"


def _name(figure: Figure) -> str:
    if figure.against:
        return f"{figure.name} {words.whose(figure)}"
    return figure.name if figure.of == OURS else f"{figure.name}: {figure.of}"


def _plots(figures: tuple[Figure, ...]) -> list[list[Figure]]:
    """Choose what is worth a picture: values of one name, of more than one."""
    ordered = sorted(figures, key=lambda figure: [f.name for f in figures].index(figure.name))
    groups = [list(group) for _, group in groupby(ordered, key=lambda figure: figure.name)]
    return [group for group in groups if len(group) > 1 and not any(f.against for f in group)]
