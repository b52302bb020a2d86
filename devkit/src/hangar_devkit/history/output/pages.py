"""The history as a page for the docs, and as one self-contained HTML file."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from hangar_devkit import svg
from hangar_devkit.files import write_atomically
from hangar_devkit.history.analysis.findings import Findings
from hangar_devkit.history.analysis.flakiness import FLAKY
from hangar_devkit.history.analysis.lifecycle import CLEAN_RUNS
from hangar_devkit.history.analysis.triage import RECENT_RUNS
from hangar_devkit.history.output.formatting import html, interval, location
from hangar_devkit.history.output.report import NOTHING, describe_queue
from hangar_devkit.history.records import BROKEN, PASSED, XPASSED
from hangar_devkit.history.store.store import Store

_TESTS = 40
_RUNS = 60
_STYLE = """
:root { color-scheme: light dark; --ground: #fff; --ink: #1c2430; --edge: #d5dbe3; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #12161c; --ink: #e4e9f0; --edge: #333c48; } }
body { background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif;
  max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--edge);
  vertical-align: top; overflow-wrap: anywhere; }
th { overflow-wrap: normal; }
@media (max-width: 700px) { table { display: block; overflow-x: auto; }
  td { min-width: 9rem; } td:first-child { min-width: 2rem; overflow-wrap: anywhere; } }
figure { margin: 1rem 0; overflow-x: auto; }
code { font-size: .92em; }
"""


def write_markdown(path: Path, root: Path, store: Store, findings: Findings) -> None:
    """Write the page for the docs."""
    lines = ["# Test history", ""]
    for heading, text, content in _sections(root, store, findings):
        lines += [f"## {heading}", "", text, "", content, ""]
    _write(path, "\n".join(lines))


def write_html(path: Path, root: Path, store: Store, findings: Findings) -> None:
    """Write the self-contained HTML file."""
    body = "\n".join(
        f"<h2>{escape(heading)}</h2>\n<p>{escape(text)}</p>\n{content}"
        for heading, text, content in _sections(root, store, findings)
    )
    _write(
        path,
        (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>Test history</title><style>{_STYLE}</style></head>\n"
            f"<body><h1>Test history</h1>\n{body}\n</body></html>\n"
        ),
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text)


def _sections(root: Path, store: Store, findings: Findings) -> list[tuple[str, str, str]]:
    runs = findings.window.runs
    seconds = [run.run.seconds for run in runs]
    return [
        (
            "What to fix next",
            f"Ranked by the number of failures in the latest {RECENT_RUNS} runs.",
            _queue(describe_queue(root, store, findings, 10)),
        ),
        (
            "Runs and tests",
            f"Tests that failed in the latest {min(len(runs), _RUNS)} runs; each column is a run.",
            _figure(_heat_map(findings)),
        ),
        (
            "Open error classes",
            f"A class is open until its tests passed in {CLEAN_RUNS} runs.",
            _figure(_open_classes(findings)),
        ),
        (
            "Duration",
            "Seconds that each run took.",
            _figure(svg.line(seconds, "duration of each run", "seconds")),
        ),
        (
            "Flaky tests",
            "Proven: the test passed and failed with the same content.",
            _flaky_tests(findings),
        ),
    ]


def _figure(picture: str) -> str:
    return f"<figure>{picture}</figure>"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _queue(items: Sequence[dict[str, Any]]) -> str:
    if not items:
        return f"<p>{NOTHING.capitalize()}.</p>"
    rows = [
        [
            str(item["rank"]),
            f"<code>{item['error_class']}</code> {html(item['title'])}",
            f"<code>{html(location(item['path'], item['line']))}</code>",
            str(item["failures"]),
            html(item["reason"]),
            html(" ".join(item["owners"])),
        ]
        for item in items
    ]
    return _table(("", "What", "Where", "Failures", "Why", "Owner"), rows)


def _heat_map(findings: Findings) -> str:
    window = findings.window
    runs = window.runs[-_RUNS:]
    offset = len(window.runs) - len(runs)
    broken: dict[str, int] = defaultdict(int)
    colours: dict[str, list[str]] = {}
    for test, attempts in window.attempts.items():
        row = [svg.BLANK] * len(runs)
        for attempt in attempts:
            if attempt.run >= offset:
                row[attempt.run - offset] = _colour(attempt.outcome)
                broken[test] += attempt.outcome in BROKEN
        colours[test] = row
    shown = sorted(colours, key=lambda test: (-broken[test], test))[:_TESTS]
    tips = [
        f"{_date(run.started)} {run.branch} {run.commit[:10]}: {failed} of {tests} failed"
        for _, tests, failed, run in runs
    ]
    rows = [(test, colours[test]) for test in shown]
    return svg.heat_map(rows, tips, "outcome of each test in each run")


def _colour(outcome: int) -> str:
    if outcome in BROKEN:
        return svg.BAD
    return svg.GOOD if outcome in {PASSED, XPASSED} else svg.SKIP


def _date(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%d %H:%M")


def _open_classes(findings: Findings) -> str:
    """Draw how many classes were open after each run: failing in it, or not yet resolved."""
    length = len(findings.window.runs)
    failing = [0.0] * length
    quiet = [0.0] * length
    for error_class in findings.classes.values():
        for run in range(length):
            if run in error_class.broken:
                failing[run] += 1
            elif any(run - CLEAN_RUNS < seen < run for seen in error_class.broken):
                quiet[run] += 1
    return svg.areas(
        {"failing": (svg.BAD, failing), "quiet, not yet resolved": (svg.SKIP, quiet)},
        "open error classes after each run",
        "classes",
    )


def _flaky_tests(findings: Findings) -> str:
    rows = [
        [
            f"<code>{html(test)}</code>",
            interval(verdict.low, verdict.high),
            html(verdict.reason),
        ]
        for test, verdict in sorted(findings.verdicts.items())
        if verdict.verdict == FLAKY
    ]
    if not rows:
        return "<p>No test is proven flaky.</p>"
    return _table(("Test", "Fails in (95 % interval)", "Proof"), rows)
