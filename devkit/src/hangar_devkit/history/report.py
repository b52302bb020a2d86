"""The queue as data, as Markdown, as an issue, and for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hangar_devkit.history.blame import owners, suspects
from hangar_devkit.history.flaky import FLAKY, UNKNOWN
from hangar_devkit.history.summary import interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hangar_devkit.history.store import Store
    from hangar_devkit.history.triage import Entry
    from hangar_devkit.history.update import Findings

_SHOWN_TESTS = 8


def describe(root: Path, store: Store, findings: Findings, limit: int) -> list[dict[str, Any]]:
    """Return the queue with everything that helps to start on an item.

    Args:
        root: The project's root.
        store: The open store.
        findings: What `update` found.
        limit: At most so many items.
    """
    return [
        _describe(root, store, findings, place, entry)
        for place, entry in enumerate(findings.entries[:limit], 1)
    ]


def _describe(
    root: Path, store: Store, findings: Findings, place: int, entry: Entry
) -> dict[str, Any]:
    candidate = entry.candidate
    runs = findings.window.runs
    first = min(candidate.broken)
    good = max((run for run in candidate.watched if run < first), default=None)
    last = max(candidate.broken)
    return {
        "place": place,
        "item": candidate.item,
        "kind": candidate.kind,
        "title": candidate.title,
        "score": round(entry.score, 2),
        "reason": entry.reason,
        "state": candidate.state,
        "path": candidate.path,
        "line": candidate.line,
        "owners": owners(root, candidate.path),
        "first_bad_run": runs[first].uid,
        "first_bad_commit": runs[first].revision,
        "suspects": suspects(
            root,
            runs[good].revision if good is not None else "",
            runs[first].revision,
            [candidate.path],
        ),
        "tests": list(candidate.tests),
        "flakiness": _flakiness(findings, candidate.tests),
        "seed": runs[last].seed,
        "traceback": _traceback(store, findings, candidate.item),
    }


def _flakiness(findings: Findings, tests: Sequence[str]) -> str:
    verdicts = [findings.verdicts[nodeid] for nodeid in tests]
    proven = [v for v in verdicts if v.verdict == FLAKY]
    if proven:
        low, high = min(v.low for v in proven), max(v.high for v in proven)
        return (
            f"{len(proven)} of {len(verdicts)} tests proven flaky ({proven[0].reason}); "
            f"fails in {interval(low, high)} of runs"
        )
    unknown = [v for v in verdicts if v.verdict == UNKNOWN]
    return unknown[0].reason if unknown else ""


def _traceback(store: Store, findings: Findings, name: str) -> str:
    for index in range(len(findings.names) - 1, -1, -1):
        if findings.names[index] == name:
            evidence = findings.window.failures[index].evidence
            row = store.connection.execute(
                "SELECT trace FROM evidence WHERE id=?", (evidence,)
            ).fetchone()
            return str(row[0]) if row else ""
    return ""


def as_lines(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the queue as plain lines."""
    if not items:
        return ["nothing to fix: no error class is open and no test is proven flaky"]
    lines: list[str] = []
    for item in items:
        lines.append(f"{item['place']}. {item['item']}  {item['title']}")
        lines.append(f"     {_place(item)}  costs {item['score']} min a run: {item['reason']}")
        lines += [f"     {label}: {text}" for label, text in _details(item)]
    return lines


def _place(item: Mapping[str, Any]) -> str:
    return f"{item['path']}:{item['line']}" if item["line"] else str(item["path"])


def _details(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    tests = item["tests"]
    shown = ", ".join(tests[:2]) + (f" and {len(tests) - 2} more" if len(tests) > 2 else "")
    pairs = [
        ("tests", shown),
        ("owner", " ".join(item["owners"])),
        (
            "since",
            f"run {item['first_bad_run']}"
            + (f", commit {item['first_bad_commit'][:10]}" if item["first_bad_commit"] else ""),
        ),
        ("suspect", "; ".join(item["suspects"])),
        ("flakiness", item["flakiness"]),
        ("seeds of its last run", item["seed"] if item["kind"] == "flaky" else ""),
    ]
    return [(label, text) for label, text in pairs if text]


def as_markdown(items: Sequence[Mapping[str, Any]]) -> str:
    """Return the queue as a Markdown table, for a job summary or a page."""
    lines = ["## What to fix next", ""]
    if not items:
        return "\n".join([*lines, "Nothing: no error class is open and no test is proven flaky."])
    lines += [
        "| | What | Where | Cost (min a run) | Why | Owner |",
        "|---:|---|---|---:|---|---|",
    ]
    for item in items:
        cells = [
            str(item["place"]),
            f"`{item['item']}` {_cell(item['title'])}",
            f"`{_cell(_place(item))}`",
            str(item["score"]),
            _cell(item["reason"]),
            _cell(" ".join(item["owners"])),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    """Keep text from ending its cell or turning into markup."""
    for mark in "\\`*_[]<>|":
        text = text.replace(mark, f"&#{ord(mark)};") if mark in "|<>" else text
    return " ".join(text.split())


def as_issue(item: Mapping[str, Any]) -> tuple[str, str]:
    """Return title and text of an issue, ready to paste."""
    lines = [
        f"**{_cell(item['title'])}**",
        "",
        f"Error class `{item['item']}`: {_cell(item['reason'])}.",
        "",
        f"- Where: `{_place(item)}`",
    ]
    lines += [
        f"- {label.capitalize()}: {_cell(text)}"
        for label, text in _details(item)
        if label != "tests"
    ]
    lines += ["", "Tests:", ""]
    lines += [f"- `{nodeid}`" for nodeid in item["tests"][:_SHOWN_TESTS]]
    if len(item["tests"]) > _SHOWN_TESTS:
        lines.append(f"- and {len(item['tests']) - _SHOWN_TESTS} more")
    fence = "````"
    lines += ["", f"{fence}text", item["traceback"].strip().replace(fence, "'''"), fence]
    return f"{item['item']}: {item['title']}", "\n".join(lines)
