"""The lines after a run: how many causes its failures have, and what to fix first."""

from collections import Counter
from collections.abc import Sequence

from hangar_devkit.history.analysis import flakiness, lifecycle
from hangar_devkit.history.analysis.findings import Findings
from hangar_devkit.history.output.formatting import count, interval, location, reason

_SHOWN = 5


def after_run(findings: Findings, uid: str) -> list[str]:
    """Return the lines to print after a run; [] when there is nothing to report.

    Args:
        findings: The analysis, with that run.
        uid: Name of the run: another session may have ended since it began.
    """
    runs = findings.window.runs
    occurrences = [
        index
        for index, occurrence in enumerate(findings.window.occurrences)
        if runs[occurrence.run].run.uid == uid
    ]
    lines: list[str] = []
    if occurrences:
        lines += _classes(findings, occurrences)
        lines += _flaky_tests(findings, occurrences)
    shown = {findings.names[index] for index in occurrences}
    for entry in findings.queue:
        if entry.item.name in shown:
            path = location(entry.item.path, entry.item.line)
            lines.append(f"fix first: {entry.item.name} {path}: {reason(entry)}")
            break
    open_classes = sum(entry.item.name not in shown for entry in findings.queue)
    if open_classes:
        noun = "other error class" if shown else "error class"
        lines.append(f"{count(open_classes, noun, f'{noun}es')} to fix: hangar triage")
    return lines


def _classes(findings: Findings, occurrences: Sequence[int]) -> list[str]:
    counts = Counter(findings.names[index] for index in occurrences)
    known = sum(findings.classes[name].state != lifecycle.NEW for name in counts)
    headline = count(len(occurrences), "failure")
    headline += f", {count(len(counts), 'error class', 'error classes')}"
    lines = [headline + (f", {known} of them seen before" if known else "")]
    for name, number in counts.most_common(_SHOWN):
        error_class = findings.classes[name]
        lines.append(f"  {name} {number:4d} x {error_class.example.title} [{error_class.state}]")
    if len(counts) > _SHOWN:
        lines.append(f"  ... and {len(counts) - _SHOWN} more: hangar triage")
    return lines


def _flaky_tests(findings: Findings, occurrences: Sequence[int]) -> list[str]:
    tests = sorted({findings.window.occurrences[index].test for index in occurrences})
    proven = [
        (test, verdict)
        for test in tests
        if (verdict := findings.verdicts[test]).verdict == flakiness.FLAKY
    ]
    return [
        f"  flaky: {test}: {verdict.reason}; fails in {interval(verdict.low, verdict.high)} of runs"
        for test, verdict in proven[:_SHOWN]
    ]
