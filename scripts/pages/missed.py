"""The targets that are missed: by how much, and why."""

from benchmarks.framework import formatting
from benchmarks.framework.figures import OURS, Figure, Report
from benchmarks.framework.registry import BENCHMARKS, description

# By benchmark: why its figures miss their targets.
REASONS = {
    "generation": (
        "a new project has 79 files, the other template's 22, and two hooks start Python to check "
        "the answers and to delete what was not asked for"
    ),
    "first_green": (
        "the first session locks all development tools, those of docs and hooks included, and "
        "runs 61 tests, with preflight and recorder; the other project has 2 tests"
    ),
    "containers": (
        "the preflight checks more than that of the first edition, and the image has more stages"
    ),
    "hooks": "the hooks of hangar-devkit check contracts, generated docs and tests as well",
    "commit": "each of the remaining hooks starts uv and Python, and imports its tools",
    "preflight": "each of some thirty checks reads files or asks a program; imports are the rest",
    "contracts": (
        "valid rows are read by columns, so that a rejected row, which is read again by itself and "
        "explained, costs more of them"
    ),
    "pipeline": (
        "data are checked, baselines and intervals computed, and the run is recorded and delivered"
    ),
    "docs": "the plugin orders the sections, draws diagrams, and shows the status of decisions",
    "history_overhead": (
        "each test is marked when it begins, so that a session that dies names it; each failure is "
        "inspected: cause, frames and compared values, masked for secrets"
    ),
}


def table(reports: dict[str, Report]) -> str:
    """Return the section on missed targets; of two times only the CPU time is listed."""
    rows = [
        f"| [{description(name).title}](#{name}): {figure.name}{_subject(figure)} "
        f"| {formatting.amount(figure.value, figure.unit)} | {excess(figure)} "
        f"| {REASONS.get(name, 'not explained yet')} |"
        for name in BENCHMARKS
        if name in reports
        for figure in reports[name].figures
        if figure.passes is False and "wall" not in figure.name
    ]
    head = ["| Figure | Measured | By how much | Why |", "| --- | --- | --- | --- |"]
    lines = [*head, *rows] if rows else ["None: every measured target is reached."]
    return "\n".join(["## Missed targets", "", *lines]) + "\n"


def excess(figure: Figure) -> str:
    """Say by how much a figure misses its target."""
    if not figure.target:
        return formatting.amount(figure.value, figure.unit)
    share = 100 * abs(figure.value / figure.target - 1)
    side = "above" if figure.direction == "at most" else "below"
    return f"{share:.2g} % {side} {formatting.amount(figure.target, figure.unit)}"


def _subject(figure: Figure) -> str:
    if figure.against:
        return f" to {figure.against}"
    return "" if figure.of == OURS else f" of {figure.of}"
