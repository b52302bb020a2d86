"""The command: `list` the parts, measure one or `all`, write the `page`."""

import argparse
import datetime
import shlex
import sys
import time

from bench import figures, page, words
from bench.figures import Figure, Options, Report, Unmeasured
from bench.machine import describe, scrub, settle
from bench.parts import PARTS, about, load
from bench.peers import Peer


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0, or 1 when a part failed."""
    wanted = _parser().parse_args(arguments)
    if wanted.part == "list":
        width = max(map(len, PARTS))
        print("\n".join(f"{name:{width}}  {about(name)}" for name in PARTS))
        return 0
    if wanted.part == "page":
        page.write()
        return 0
    options = Options(wanted.rounds, tuple(wanted.peers))
    names = PARTS if wanted.part == "all" else (wanted.part,)
    states = [_measure(name, options) for name in names]
    page.write()
    return int("failed" in states)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument("part", choices=["list", "all", "page", *PARTS], metavar="PART")
    parser.add_argument(
        "peers",
        nargs="*",
        metavar="PEER",
        help="a template to measure beside this one: [NAME=]PATH or URL",
    )
    parser.add_argument("--rounds", type=int, help="how often to measure, in place of its default")
    return parser


def _measure(name: str, options: Options) -> str:
    """Measure a part, keep what it found, and return how that went."""
    print(f"\n{name}: {about(name)}", flush=True)
    machine, start = describe(), time.perf_counter()
    state: figures.State = "measured"
    found: list[Figure] = []
    reason = ""
    try:
        found = load(name).figures(options)
    except Unmeasured as error:
        state, reason = "could not measure", str(error)
    except Exception as error:  # noqa: BLE001 - the other parts go on
        state, reason = "failed", f"{type(error).__name__}: {error}"
    report = Report(
        name,
        _command(name, options),
        datetime.datetime.now(datetime.UTC).date().isoformat(),
        round(time.perf_counter() - start, 1),
        machine,
        state,
        scrub(reason),
        tuple(found),
    )
    figures.write(report)
    _tell(report)
    return state


def _command(name: str, options: Options) -> str:
    """Return the command that rebuilds the figures, as it reads on any machine."""
    words = ["nox", "-s", "bench", "--", name]
    if load(name).__dict__.get("TAKES_PEERS"):
        words += [Peer.read(given).words for given in options.peers]
    if options.rounds:
        words += [f"--rounds={options.rounds}"]
    return shlex.join(words)


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


if __name__ == "__main__":
    settle()
    sys.exit(main())
