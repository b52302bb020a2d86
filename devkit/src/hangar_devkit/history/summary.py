"""The few lines after a run: how many causes its failures have, and what to fix first."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hangar_devkit.history import flaky, lifecycle
from hangar_devkit.history.update import Findings, failing_in

if TYPE_CHECKING:
    from hangar_devkit.history.triage import Entry

_SHOWN = 5


def after_run(findings: Findings, run: int) -> list[str]:
    """Return the lines to print after a run; none when there is nothing to say.

    Args:
        findings: What the history says with that run.
        run: The run's number in the store: another session may have ended since it began.
    """
    now = failing_in(findings.window, run)
    lines: list[str] = []
    if now:
        counts = Counter(findings.names[i] for i in now)
        known = [n for n in counts if findings.states[n] != lifecycle.NEW]
        lines.append(_headline(len(now), len(counts), len(known)))
        for name, count in counts.most_common(_SHOWN):
            state = findings.states[name]
            lines.append(f"  {name} {count:4d} x {findings.titles[name]} [{state}]")
        if len(counts) > _SHOWN:
            lines.append(f"  ... and {len(counts) - _SHOWN} more: nox -s triage")
        lines.extend(_about_tests(findings, now))
    if findings.entries:
        lines.append(f"fix first: {next_step(findings.entries[0])}")
    return lines


def _headline(failures: int, classes: int, known: int) -> str:
    text = f"{_count(failures, 'failure')}, {_count(classes, 'error class', 'error classes')}"
    if known:
        text += f", {known} of them seen before"
    return text


def _about_tests(findings: Findings, now: list[int]) -> list[str]:
    verdicts = {
        findings.window.sightings[i].test: findings.verdicts[findings.window.sightings[i].test]
        for i in now
    }
    proven = sorted(n for n, v in verdicts.items() if v.verdict == flaky.FLAKY)
    return [
        f"  flaky: {nodeid}: {verdicts[nodeid].reason}; fails in "
        f"{interval(verdicts[nodeid].low, verdicts[nodeid].high)} of runs"
        for nodeid in proven[:_SHOWN]
    ]


def next_step(entry: Entry) -> str:
    """Return one line that says what to fix, where, and why."""
    candidate = entry.candidate
    place = f"{candidate.path}:{candidate.line}" if candidate.line else candidate.path
    return f"{candidate.item} {candidate.title} ({place}): {entry.reason}"


def interval(low: float, high: float) -> str:
    """Return an interval of rates, in per cent."""
    return f"{100 * low:.1f} to {100 * high:.1f} %"


def _count(number: int, singular: str, plural: str = "") -> str:
    return f"{number} {singular if number == 1 else plural or singular + 's'}"
