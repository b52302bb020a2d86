"""The queue as JSON data, as text, as Markdown, as an issue, and as a table on the terminal."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hangar_devkit.history.analysis.findings import Findings
from hangar_devkit.history.analysis.flakiness import FLAKY, UNKNOWN
from hangar_devkit.history.analysis.triage import Entry
from hangar_devkit.history.output.blame import owners, suspects
from hangar_devkit.history.output.formatting import (
    count,
    interval,
    location,
    markdown,
    markdown_code,
    printable,
    reason,
)
from hangar_devkit.history.store.store import Store

SCHEMA: Final = 2
"""Version of the JSON output."""
NOTHING: Final = "nothing to fix: no error class is open and no test is proven flaky"
_SHOWN_TESTS = 8


def describe_queue(
    root: Path, store: Store, findings: Findings, limit: int | None = None
) -> list[dict[str, Any]]:
    """Return the entries of the queue, as JSON data, with what helps to start on each.

    Args:
        root: The project's root.
        store: The open store.
        findings: The analysis.
        limit: Maximum number of entries; None for all.
    """
    return [
        {"rank": number, **_describe(root, store, findings, entry)}
        for number, entry in enumerate(findings.queue[:limit], 1)
    ]


def _describe(root: Path, store: Store, findings: Findings, entry: Entry) -> dict[str, Any]:
    item = entry.item
    runs = findings.window.runs
    first, last = min(item.broken), max(item.broken)
    first_bad = runs[first].run
    good = max((run for run in item.ran if run < first), default=None)
    last_good_commit = runs[good].run.commit if good is not None else ""
    return {
        "error_class": item.name,
        "type": item.type,
        "title": item.title,
        "failures": entry.failures,
        "reason": reason(entry),
        "state": item.state,
        "path": item.path,
        "line": item.line,
        "owners": owners(root, item.path),
        "branches": sorted({runs[run].run.branch for run in item.broken} - {""}),
        "first_bad_run": first_bad.uid,
        "first_bad_commit": first_bad.commit,
        "suspects": ["uncommitted changes"]
        if first_bad.dirty
        else suspects(root, last_good_commit, first_bad.commit, [item.path]),
        "tests": list(item.tests),
        "flakiness": _flakiness(findings, item.tests),
        "seed": runs[last].run.seed,
        "traceback": _traceback(store, findings.classes[item.name].example.evidence),
    }


def _flakiness(findings: Findings, tests: Sequence[str]) -> str:
    verdicts = [findings.verdicts[nodeid] for nodeid in tests]
    proven = [v for v in verdicts if v.verdict == FLAKY]
    if proven:
        low, high = min(v.low for v in proven), max(v.high for v in proven)
        return (
            f"{len(proven)} of {count(len(verdicts), 'test')} proven flaky ({proven[0].reason}); "
            f"fails in {interval(low, high)} of runs"
        )
    unknown = [(v, test) for v, test in zip(verdicts, tests, strict=True) if v.verdict == UNKNOWN]
    return f"{unknown[0][0].reason}: {prove_command(unknown[0][1])}" if unknown else ""


def prove_command(nodeid: str) -> str:
    """Return the command that makes the runs which decide whether a test is flaky."""
    return f"hangar history prove {shlex.quote(nodeid)}"


def _traceback(store: Store, evidence: int) -> str:
    row = store.connection.execute("SELECT trace FROM evidence WHERE id=?", (evidence,)).fetchone()
    return str(row[0]) if row else ""


def as_lines(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return described entries as plain lines."""
    if not items:
        return [NOTHING]
    lines: list[str] = []
    for item in items:
        lines.append(printable(f"{item['rank']}. {item['error_class']}  {item['title']}"))
        lines.append(f"     {_location(item)}  {item['reason']}")
        lines += [f"     {label}: {text}" for label, text in _details(item)]
    return lines


def _location(item: Mapping[str, Any]) -> str:
    return location(item["path"], item["line"])


def _details(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    tests = item["tests"]
    commit = item["first_bad_commit"][:10]
    details = {
        "tests": ", ".join(tests[:2]) + (f" and {len(tests) - 2} more" if len(tests) > 2 else ""),
        "owner": " ".join(item["owners"]),
        "branches": ", ".join(item["branches"]),
        "since": f"run {item['first_bad_run']}" + (f", commit {commit}" if commit else ""),
        "suspect": "; ".join(item["suspects"]),
        "flakiness": item["flakiness"],
        "seeds of its last run": item["seed"] if item["type"] == "flaky" else "",
    }
    return [(label, text) for label, text in details.items() if text]


def print_queue(items: Sequence[Mapping[str, Any]]) -> None:
    """Print the entries; on a terminal in colours, indented, where rich is installed."""
    try:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text
    except ImportError:
        print("\n".join(as_lines(items)))
        return
    console = Console()
    if not items or not console.is_terminal:
        print("\n".join(as_lines(items)))
        return
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", style="bold")
    table.add_column(overflow="fold")
    for item in items:
        name = str(item["error_class"]), "bold red"
        table.add_row(f"{item['rank']}.", Text.assemble(name, f"  {printable(item['title'])}"))
        table.add_row("", Text.assemble((_location(item), "cyan"), f"  {item['reason']}"))
        for label, text in _details(item):
            table.add_row("", Text.assemble((f"{label}: ", "dim"), printable(text)))
    console.print(table)


def as_markdown(items: Sequence[Mapping[str, Any]]) -> str:
    """Return described entries as a Markdown table, for a job summary or a page."""
    lines = ["## What to fix next", ""]
    if not items:
        return "\n".join([*lines, f"{NOTHING.capitalize()}."])
    lines += ["| | What | Where | Failures | Why | Owner |", "|---:|---|---|---:|---|---|"]
    for item in items:
        cells = [
            str(item["rank"]),
            f"{markdown_code(item['error_class'])} {markdown(item['title'])}",
            markdown_code(_location(item)).replace("|", "\\|"),
            str(item["failures"]),
            markdown(item["reason"]),
            markdown(" ".join(item["owners"])),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def as_issue(item: Mapping[str, Any]) -> tuple[str, str]:
    """Return title and Markdown text of an issue about a described entry."""
    lines = [
        f"**{markdown(item['title'])}**",
        "",
        f"Error class {markdown_code(item['error_class'])}: {markdown(item['reason'])}.",
        "",
        f"- Where: {markdown_code(_location(item))}",
    ]
    lines += [
        f"- {label.capitalize()}: {markdown(text)}"
        for label, text in _details(item)
        if label != "tests"
    ]
    lines += ["", "Tests:", ""]
    lines += [f"- {markdown_code(nodeid)}" for nodeid in item["tests"][:_SHOWN_TESTS]]
    if len(item["tests"]) > _SHOWN_TESTS:
        lines.append(f"- and {len(item['tests']) - _SHOWN_TESTS} more")
    fence = "````"
    lines += ["", f"{fence}text", item["traceback"].strip().replace(fence, "'''"), fence]
    return printable(f"{item['error_class']}: {item['title']}"), printable("\n".join(lines))
