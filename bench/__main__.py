"""The command: measure one part or `all`, and write up or compare what was found."""

import argparse
import datetime
import shlex
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import agree, figures, page, progress, words
from bench.commands import CommandFailed
from bench.figures import RESULTS, Figure, Options, Report, Unmeasured
from bench.machine import busy, describe, scrub, settle
from bench.parts import PARTS, about, load
from bench.peers import Peer, version


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        0, or 1 when a part failed, figures disagree, or what was given is no good.
    """
    wanted = _parser().parse_args(arguments)
    try:
        match wanted.command:
            case "list":
                print("\n".join(_listed()))
            case "page":
                page.write()
            case "agree":
                return agree.tell(wanted.one, wanted.other)
            case name:
                return _run(PARTS if name == "all" else (name,), wanted)
    except (CommandFailed, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; the parts that were done are kept", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands.add_parser("list", help="the parts, and how long each took last time")
    commands.add_parser("page", help="write the docs page and the README's table")
    compare = commands.add_parser("agree", help="say which figures of two runs disagree")
    compare.add_argument("one", type=Path, help="a directory of results")
    compare.add_argument(
        "other", type=Path, nargs="?", default=RESULTS, help="by default the docs'"
    )
    for name in ("all", *PARTS):
        told = about(name).summary if name in PARTS else "every part; one that fails stops no other"
        measure = commands.add_parser(name, help=told)
        measure.add_argument(
            "peers",
            nargs="*",
            type=Peer.read,
            metavar="PEER",
            help="a template to measure beside this one: [NAME=]SOURCE,"
            " a path, a URL, gh:OWNER/NAME or pypi:NAME",
        )
        measure.add_argument("--rounds", type=int, help="how often, in place of a part's default")
        measure.add_argument(
            "--results",
            type=Path,
            default=RESULTS,
            help="a directory for the results, which leaves the docs as they are",
        )
    return parser


def _listed() -> list[str]:
    """Describe each part, with the time that it took when it was measured last."""
    width = max(map(len, PARTS))
    known = {path.stem: figures.read(path).seconds for path in RESULTS.glob("*.json")}
    told = {name: f"{known[name]:.0f} s" if name in known else "" for name in PARTS}
    return [f"{name:{width}}  {told[name]:>6}  {about(name)}" for name in PARTS]


def _run(names: Sequence[str], wanted: argparse.Namespace) -> int:
    """Measure parts, one after the other, and say how that went."""
    reports = []
    with tempfile.TemporaryDirectory() as place:
        peers = {peer: peer.local(Path(place)) for peer in wanted.peers}
        for number, name in enumerate(names, start=1):
            print(f"\n{number} of {len(names)}, {name}: {about(name)}", flush=True)
            report = _measure(name, wanted.rounds, peers)
            figures.write(report, wanted.results)
            _tell(report)
            reports.append(report)
    if len(reports) > 1:
        _summarize(reports)
    if wanted.results == RESULTS:
        page.write()
    return int(any(report.state == "failed" for report in reports))


def _measure(name: str, rounds: int | None, peers: Mapping[Peer, Path]) -> Report:
    """Measure a part; whatever goes wrong in it is told in its report."""
    part = load(name)
    beside = peers if getattr(part, "TAKES_PEERS", False) else {}
    options = Options(rounds, {peer.name: path for peer, path in beside.items()})
    machine = {**describe(), "busy before": busy()}
    start = time.perf_counter()
    state: figures.State = "measured"
    found: list[Figure] = []
    try:
        with progress.shown():
            found = part.figures(options)
    except Unmeasured as error:
        state = "could not measure"
        options.notes.append(str(error))
    except Exception as error:  # noqa: BLE001 - the other parts go on
        state = "failed"
        options.notes.append(f"{type(error).__name__}: {error}")
    seconds = round(time.perf_counter() - start, 1)
    command = ["nox", "-s", "bench", "--", name, *(peer.words for peer in beside)]
    return Report(
        name,
        shlex.join(command + ([f"--rounds={rounds}"] if rounds else [])),
        datetime.datetime.now(datetime.UTC).date().isoformat(),
        seconds,
        {**machine, "busy after": busy()},
        state,
        scrub("\n".join(options.notes)),
        {peer.name: version(path) for peer, path in beside.items()},
        tuple(found),
    )


def _tell(report: Report) -> None:
    """Show the figures on the terminal."""
    for figure in report.figures:
        told = (words.promise(figure), words.verdict(figure), words.spread(figure))
        print(
            f"  {words.amount(figure.value, figure.unit):>16}  {figure.name}, {words.whose(figure)}"
            f"  {'; '.join(filter(None, told))}"
        )
    if report.reason:
        print(f"  {report.state}: {report.reason}", file=sys.stderr)
    print(f"  {report.seconds:.0f} s", flush=True)


def _summarize(reports: Sequence[Report]) -> None:
    """Show how every part went, and how long all took."""
    width = max(len(report.part) for report in reports)
    print()
    for report in reports:
        missed = sum(figure.met is False for figure in report.figures)
        told = report.state + (f", {missed} promises missed" if missed else "")
        print(f"{report.part:{width}}  {report.seconds:>6.0f} s  {told}")
    minutes = sum(report.seconds for report in reports) / 60
    print(f"{'in all':{width}}  {minutes:>6.1f} min")


if __name__ == "__main__":
    settle()
    sys.exit(main())
