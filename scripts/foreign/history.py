"""Seed faults into public projects, and measure how the test history groups and explains them.

Usage: nox -s foreign -- history [--recorded] [NAME...]    write the page when all of them ran
"""

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import history_classes
from benchmarks.experiments import record_faults, red_runs
from benchmarks.experiments.group_failures import METHODS, REGIMES
from scripts import wheel

PAGE = wheel.ROOT / "docs/reference/foreign/history.md"
EPISODES = 20
FAULTS = 24
SECONDS = 300
HEAD = """# Test history on public projects

<!-- nox -s foreign -- history -->

Faults are seeded into projects that nobody here wrote, and their own suites run. The projects of
the acceptance set were named in the repository before anything was measured on them.

"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0, or 1 if a project could not be measured."""
    parser = argparse.ArgumentParser(
        prog="nox -s foreign -- history", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("names", nargs="*", help="projects; all of them by default")
    parser.add_argument("--recorded", action="store_true", help="use what was recorded before")
    options = parser.parse_args(arguments)
    names = options.names or list(record_faults.PROJECTS)
    if options.recorded:
        record_faults.install_requirements()
    else:
        record_faults.record_all(names, FAULTS, SECONDS, seed=1)
    rows = history_classes.score_all(EPISODES)
    answers = []
    with tempfile.TemporaryDirectory() as directory:
        for answer in red_runs.measure(asked(options.names), Path(directory)):
            print(*answer, flush=True)
            answers.append(answer)
    text = HEAD + classes(rows) + red_runs.as_markdown(answers)
    if options.names:
        print(text)
    else:
        PAGE.write_text(text, encoding="utf-8")
    return 0 if rows and answers else 1


def asked(names: list[str]) -> list[str]:
    """Return the projects whose runs are made red: those of the acceptance set by default."""
    return names or list(record_faults.ACCEPTANCE)


def classes(rows: list[dict[str, Any]]) -> str:
    """Return the tables of the error classes: means of a set, then each project."""
    lines = ["## Error classes", ""]
    lines += [line.strip() for line in (history_classes.__doc__ or "").split("\n\n")[1:2]]
    methods = (*METHODS, "twins kept")
    for project_set in history_classes.SETS:
        of = [row for row in rows if row["set"] == project_set]
        projects = sorted({row["project"] for row in of})
        lines += [
            "",
            f"### {project_set.capitalize()}: {', '.join(projects)}",
            "",
            "Adjusted Rand index / B-cubed F1, mean of the projects.",
            "",
            f"| Regime | {' | '.join(methods)} |",
            f"| --- |{' ---: |' * len(methods)}",
        ]
        for regime in REGIMES:
            cells = [
                " / ".join(
                    f"{history_classes.mean(of, project_set, regime, method, key):.3f}"
                    for key in history_classes.SCORES
                )
                for method in methods
            ]
            lines.append(f"| {regime} | {' | '.join(cells)} |")
    lines += [
        "",
        "### Each project",
        "",
        "Adjusted Rand index of the history, and in parentheses of the best baseline.",
        "",
        f"| Project | Faults | {' | '.join(REGIMES)} |",
        f"| --- | ---: |{' ---: |' * len(REGIMES)}",
    ]
    for project in record_faults.PROJECTS:
        of = [row for row in rows if row["project"] == project]
        if not of:
            lines.append(f"| {project} | none |{' |' * len(REGIMES)}")
            continue
        cells = []
        for regime in REGIMES:
            score = {row["method"]: row["ari"] for row in of if row["regime"] == regime}
            best = max(score[name] for name in METHODS if name != "history")
            cells.append(f"{score['history']:.3f} ({best:.3f})")
        lines.append(f"| {project} | {of[0]['faults']} | {' | '.join(cells)} |")
    measured = {row["project"] for row in rows}
    missing = [
        f"{name} ({record_faults.reason(name)})"
        for name in record_faults.PROJECTS
        if name not in measured
    ]
    beaten = [
        f"{row['project']} ({row['regime']})"
        for row in rows
        if row["method"] == "history"
        and row["ari"] + 0.0005 < max(
            other["ari"] for other in rows
            if (other["project"], other["regime"]) == (row["project"], row["regime"])
            and other["method"] in METHODS
        )
    ]  # fmt: skip
    means = {
        regime: statistics.mean(
            row["ari"] for row in rows if row["method"] == "history" and row["regime"] == regime
        )
        for regime in REGIMES
    }
    worst = min(means, key=means.__getitem__)
    better = ", ".join(beaten) or "no project and no regime"
    lines += ["", f"The worst regime is `{worst}`. A baseline is better in: {better}.", ""]
    lines += [f"Not measured: {'; '.join(missing)}.", ""] if missing else []
    return "\n".join(lines) + "\n"
