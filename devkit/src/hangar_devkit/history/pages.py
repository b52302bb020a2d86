"""The history as a page for the docs, and as one HTML file that stands alone."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from html import escape
from typing import TYPE_CHECKING, Any

from hangar_devkit.history import svg
from hangar_devkit.history.lifecycle import CLEAN_RUNS
from hangar_devkit.history.records import BROKEN, PASSED, XPASSED
from hangar_devkit.history.report import describe
from hangar_devkit.history.summary import interval

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hangar_devkit.history.store import Store
    from hangar_devkit.history.update import Findings

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
    """Write the page that stands alone."""
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
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _sections(root: Path, store: Store, findings: Findings) -> list[tuple[str, str, str]]:
    count = len(findings.window.runs)
    return [
        (
            "What to fix next",
            "By the minutes that each further run is expected to lose to it.",
            _queue(describe(root, store, findings, 10)),
        ),
        (
            "Runs and tests",
            f"Tests that failed in the last {min(count, _RUNS)} runs; each column is a run.",
            _figure(_heat_map(findings)),
        ),
        (
            "Open error classes",
            f"A class stays open until its tests passed in {CLEAN_RUNS} runs.",
            _figure(_burn_down(findings)),
        ),
        (
            "Duration",
            "Seconds that each run took.",
            _figure(
                svg.line(
                    [run.seconds for run in findings.window.runs], "duration of each run", "seconds"
                )
            ),
        ),
        ("Flaky tests", "Proven: the same content both passed and failed.", _flaky(findings)),
    ]


def _figure(picture: str) -> str:
    return f"<figure>{picture}</figure>"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _queue(items: Sequence[dict[str, Any]]) -> str:
    if not items:
        return "<p>Nothing: no error class is open and no test is proven flaky.</p>"
    rows = [
        [
            str(item["place"]),
            f"<code>{item['item']}</code> {_inline(item['title'])}",
            f"<code>{_inline(item['path'])}:{item['line']}</code>",
            str(item["score"]),
            _inline(item["reason"]),
            _inline(" ".join(item["owners"])),
        ]
        for item in items
    ]
    return _table(("", "What", "Where", "Minutes a run", "Why", "Owner"), rows)


def _inline(text: str) -> str:
    """Escape text for HTML that stands within Markdown."""
    safe = escape(" ".join(str(text).split()))
    for mark in "*_`[]{}|":
        safe = safe.replace(mark, f"&#{ord(mark)};")
    return safe


def _heat_map(findings: Findings) -> str:
    runs = findings.window.runs[-_RUNS:]
    offset = len(findings.window.runs) - len(runs)
    worst: dict[int, int] = defaultdict(int)
    colours: dict[int, list[str]] = {}
    for test, attempts in findings.window.attempts.items():
        row = [svg.BLANK] * len(runs)
        for attempt in attempts:
            if attempt.run >= offset:
                row[attempt.run - offset] = _colour(attempt.outcome)
                worst[test] += attempt.outcome in BROKEN
        colours[test] = row
    shown = sorted(colours, key=lambda test: (-worst[test], findings.window.tests[test]))[:_TESTS]
    tips = [
        f"{_date(run.started)} {run.branch} {run.revision[:10]}: {run.broken} of {run.tests} broken"
        for run in runs
    ]
    return svg.heat_map(
        [(findings.window.tests[test], colours[test]) for test in shown],
        tips,
        "outcome of each test in each run",
    )


def _colour(outcome: int) -> str:
    if outcome in BROKEN:
        return svg.BAD
    return svg.GOOD if outcome in {PASSED, XPASSED} else svg.SKIP


def _date(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%d %H:%M")


def _burn_down(findings: Findings) -> str:
    """Draw how many classes were open after each run: seen in it, or waiting to be resolved."""
    count = len(findings.window.runs)
    seen = [0.0] * count
    waiting = [0.0] * count
    present: dict[str, set[int]] = defaultdict(set)
    for name, sighting in zip(findings.names, findings.window.sightings, strict=True):
        present[name].add(sighting.run)
    for runs in present.values():
        for run in range(count):
            if run in runs:
                seen[run] += 1
            elif runs & set(range(run - CLEAN_RUNS + 1, run)):
                waiting[run] += 1
    return svg.areas(
        {"failing": (svg.BAD, seen), "quiet, not yet resolved": (svg.SKIP, waiting)},
        "open error classes after each run",
        "classes",
    )


def _flaky(findings: Findings) -> str:
    rows = [
        [
            f"<code>{_inline(nodeid)}</code>",
            interval(verdict.low, verdict.high),
            _inline(verdict.reason),
        ]
        for nodeid, verdict in sorted(findings.verdicts.items())
        if verdict.verdict == "flaky"
    ]
    if not rows:
        return "<p>No test is proven flaky.</p>"
    return _table(("Test", "Fails in (95 % interval)", "Proof"), rows)
