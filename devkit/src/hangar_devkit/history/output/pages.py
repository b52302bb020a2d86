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
from hangar_devkit.history.analysis.lifecycle import CLEAN_RUNS, RESOLVED
from hangar_devkit.history.analysis.triage import RECENT_RUNS
from hangar_devkit.history.output.formatting import count, html, interval, location, printable
from hangar_devkit.history.output.report import NOTHING, describe_queue
from hangar_devkit.history.records import BROKEN, PASSED, XPASSED
from hangar_devkit.history.store.store import Store

_TESTS = 40
_RUNS = 60
_QUEUE = 10
_CLASSES = 100
_UNFOLDED = 2
"""So many tests of a class are shown without a click."""
_STYLE = """
:root { color-scheme: light dark; --ground: #fff; --ink: #1c2430; --edge: #d5dbe3; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #12161c; --ink: #e4e9f0; --edge: #333c48; } }
body { background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif;
  margin: 2rem auto; padding: 0 clamp(1rem, 3vw, 3rem); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--edge);
  vertical-align: top; }
td code, li { overflow-wrap: anywhere; }
td code[id], td a code { white-space: nowrap; }
@media (max-width: 700px) { table { display: block; overflow-x: auto; }
  td:has(code) { min-width: 11rem; } td:has(> code[id]) { min-width: 6rem; } }
figure { margin: 1rem 0; overflow: hidden; }
code { font-size: .92em; }
a { color: inherit; }
svg a:hover { text-decoration: underline; }
details > ul { margin: .2rem 0; padding-left: 1.2rem; }
summary { cursor: pointer; opacity: .8; }
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
    items = describe_queue(root, store, findings)
    return [
        (
            "What to fix next",
            f"Ranked by the number of failures in the latest {RECENT_RUNS} runs.",
            _queue(items[:_QUEUE]),
        ),
        (
            "Runs and tests",
            f"Tests that failed in the latest {min(len(runs), _RUNS)} runs; each column is a run.",
            _figure(_heat_map(findings)),
        ),
        (
            "Open error classes",
            f"A class is open until its tests passed in {CLEAN_RUNS} runs.",
            _figure(_open_classes(findings)) + _class_table(findings, resolved=False),
        ),
        (
            "Resolved error classes",
            f"Their tests passed in {CLEAN_RUNS} runs since.",
            _class_table(findings, resolved=True),
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
            f"{_link(item['error_class'])} {html(item['title'])}{_tests(item['tests'])}",
            f"<code>{html(location(item['path'], item['line']))}</code>",
            str(item["failures"]),
            html(item["reason"]),
            html(" ".join(item["owners"])),
        ]
        for item in items
    ]
    return _table(("", "What", "Where", "Failures", "Why", "Owner"), rows)


def _link(name: str) -> str:
    return f'<a href="#{escape(name)}"><code>{escape(name)}</code></a>'


def _tests(nodeids: Sequence[str]) -> str:
    """Return the tests of a class, folded when there are many."""
    listed = "".join(f"<li><code>{html(nodeid)}</code></li>" for nodeid in nodeids[:_TESTS])
    if len(nodeids) > _TESTS:
        listed += f"<li>and {len(nodeids) - _TESTS} more</li>"
    open_ = " open" if len(nodeids) <= _UNFOLDED else ""
    summary = count(len(nodeids), "test")
    return f"<details{open_}><summary>{summary}</summary><ul>{listed}</ul></details>"


def _class_table(findings: Findings, *, resolved: bool) -> str:
    """Return the HTML table of the open or of the resolved classes, the one seen last first."""
    runs = findings.window.runs
    classes = [
        each
        for each in findings.classes.values()
        if (each.state == RESOLVED) is resolved and each.broken
    ]
    classes.sort(key=lambda each: (-max(each.broken), each.name))
    if not classes:
        return f"<p>No error class is {'resolved' if resolved else 'open'}.</p>"
    rows = [
        [
            f'<code id="{escape(each.name)}">{escape(each.name)}</code>',
            f"{html(each.example.title)}{_tests(each.tests)}",
            html(each.state),
            str(sum(each.broken.values())),
            _date(runs[min(each.broken)].run.started),
            _date(runs[max(each.broken)].run.started),
        ]
        for each in classes[:_CLASSES]
    ]
    if len(classes) > _CLASSES:
        rows.append(["", f"and {len(classes) - _CLASSES} more", "", "", "", ""])
    return _table(("Class", "What", "State", "Failures", "First seen", "Last seen"), rows)


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
    class_of = {
        occurrence.test: name
        for name, occurrence in zip(findings.names, window.occurrences, strict=True)
    }
    shown = sorted(colours, key=lambda test: (-broken[test], test))[:_TESTS]
    columns = [
        (
            _date(run.started)[5:],
            f"{_date(run.started)} {run.branch} {run.commit[:10]}: {failed} of {tests} failed",
        )
        for _, tests, failed, run in runs
    ]
    rows = [
        svg.Row(_label(test), colours[test], f"#{class_of[test]}" if test in class_of else "")
        for test in shown
    ]
    key = {"passed": svg.GOOD, "failed": svg.BAD, "skipped": svg.SKIP, "not run": svg.BLANK}
    return svg.heat_map(rows, columns, key, "outcome of each test in each run")


def _label(nodeid: str) -> str:
    """Return a node id with the name first, which a narrow screen shows."""
    path, _, name = nodeid.partition("::")
    return printable(f"{name} · {path}" if name else path)


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
