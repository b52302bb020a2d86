"""Run a benchmark or `all`, write the results up, or compare two sets of results."""

import argparse
import datetime
import shlex
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.framework import compare, figures, formatting, progress
from benchmarks.framework.commands import CommandFailed
from benchmarks.framework.figures import RESULTS, Figure, Options, Report, Skipped
from benchmarks.framework.machine import busy, describe, isolate_environment, scrub
from benchmarks.framework.peers import Peer, version
from benchmarks.framework.registry import BENCHMARKS, description, load
from hangar_devkit.docs import writing
from hangar_devkit.docs.registry import Page

PAGE = Page("docs/reference/bench.md", "scripts.pages.bench:page")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        0, or 1 if a benchmark failed, figures disagree, or an argument is not valid.
    """
    options = _parser().parse_args(arguments)
    try:
        match options.command:
            case "list":
                print("\n".join(_list()))
            case "page":
                _write_page()
            case "agree":
                return compare.print_comparison(options.one, options.other)
            case name:
                return _run(BENCHMARKS if name == "all" else (name,), options)
    except (CommandFailed, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; the results of finished benchmarks are kept", file=sys.stderr)
        return 130
    return 0


def _write_page() -> None:
    """Bring the docs page up to date with the reports."""
    writing.write(writing.stale(figures.ROOT, [PAGE]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands.add_parser("list", help="list the benchmarks, and how long each took last time")
    commands.add_parser("page", help="write the docs page")
    agree = commands.add_parser("agree", help="show which figures of two runs disagree")
    agree.add_argument("one", type=Path, help="a directory of results")
    agree.add_argument(
        "other", type=Path, nargs="?", default=RESULTS, help="default: the results in the docs"
    )
    for name in ("all", *BENCHMARKS):
        summary = "run every benchmark; a failure does not stop the others"
        if name in BENCHMARKS:
            summary = description(name).summary
        command = commands.add_parser(name, help=summary)
        command.add_argument(
            "peers",
            nargs="*",
            type=Peer.parse,
            metavar="PEER",
            help="a template to compare with: [NAME=]SOURCE,"
            " a path, a URL, gh:OWNER/NAME or pypi:NAME",
        )
        command.add_argument("--rounds", type=int, help="number of rounds, instead of the default")
        command.add_argument(
            "--results",
            type=Path,
            default=RESULTS,
            help="directory for the results; the docs stay as they are",
        )
    return parser


def _list() -> list[str]:
    """List the benchmarks, with the time that each took when it ran last."""
    width = max(map(len, BENCHMARKS))
    times = {path.stem: f"{figures.read(path).seconds:.0f} s" for path in RESULTS.glob("*.json")}
    return [f"{name:{width}}  {times.get(name, ''):>6}  {description(name)}" for name in BENCHMARKS]


def _run(names: Sequence[str], options: argparse.Namespace) -> int:
    """Run benchmarks one after the other, and print their results."""
    reports = []
    with tempfile.TemporaryDirectory() as directory:
        peers = {peer: peer.fetch(Path(directory)) for peer in options.peers}
        for number, name in enumerate(names, start=1):
            print(f"\n{number} of {len(names)}, {name}: {description(name)}", flush=True)
            report = _measure(name, options.rounds, peers)
            figures.write(report, options.results)
            _print_report(report)
            reports.append(report)
    if len(reports) > 1:
        _print_summary(reports)
    if options.results == RESULTS:
        _write_page()
    return int(any(report.state == "failed" for report in reports))


def _measure(name: str, rounds: int | None, peers: Mapping[Peer, Path]) -> Report:
    """Run a benchmark; its report holds whatever goes wrong."""
    benchmark = load(name)
    compared = peers if getattr(benchmark, "TAKES_PEERS", False) else {}
    options = Options(rounds, {peer.name: path for peer, path in compared.items()})
    machine = {**describe(), "busy before": busy()}
    start = time.perf_counter()
    state: figures.State = "measured"
    measured: list[Figure] = []
    try:
        with progress.shown():
            measured = benchmark.figures(options)
    except Skipped as error:
        state = "could not measure"
        options.notes.append(str(error))
    except Exception as error:  # noqa: BLE001 - the other benchmarks still run
        state = "failed"
        options.notes.append(f"{type(error).__name__}: {error}")
    seconds = round(time.perf_counter() - start, 1)
    command = ["nox", "-s", "bench", "--", name, *(peer.argument for peer in compared)]
    return Report(
        name,
        shlex.join(command + ([f"--rounds={rounds}"] if rounds else [])),
        datetime.datetime.now(datetime.UTC).date().isoformat(),
        seconds,
        {**machine, "busy after": busy()},
        state,
        scrub("\n".join(options.notes)),
        {peer.name: version(path) for peer, path in compared.items()},
        tuple(measured),
    )


def _print_report(report: Report) -> None:
    """Print the figures of a benchmark."""
    for figure in report.figures:
        details = (
            formatting.target(figure),
            formatting.verdict(figure),
            formatting.spread(figure),
        )
        print(
            f"  {formatting.amount(figure.value, figure.unit):>16}  {figure.name},"
            f" {formatting.subject(figure)}  {'; '.join(filter(None, details))}"
        )
    if report.reason:
        print(f"  {report.state}: {report.reason}", file=sys.stderr)
    print(f"  {report.seconds:.0f} s", flush=True)


def _print_summary(reports: Sequence[Report]) -> None:
    """Print the state of every benchmark, and the total time."""
    width = max(len(report.benchmark) for report in reports)
    print()
    for report in reports:
        failed = sum(figure.passes is False for figure in report.figures)
        outcome = report.state + (f", {failed} targets missed" if failed else "")
        print(f"{report.benchmark:{width}}  {report.seconds:>6.0f} s  {outcome}")
    minutes = sum(report.seconds for report in reports) / 60
    print(f"{'total':{width}}  {minutes:>6.1f} min")


if __name__ == "__main__":
    isolate_environment()
    sys.exit(main())
