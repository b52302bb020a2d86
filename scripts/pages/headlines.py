"""The most important figures, on top of the page of the benchmarks."""

from dataclasses import dataclass

from benchmarks.framework.figures import OURS, Figure, Report

PEER = "scientific-python/cookie"


@dataclass(frozen=True)
class Headline:
    """A figure that is shown first.

    Attributes:
        text: What it is, in words.
        part: Where it comes from.
        name: Of the figure.
        of: Whose, if only one counts; else the one nearest to its target, or farthest beyond, of
            those that have one.
        against: The start of what it is relative to.
    """

    text: str
    part: str
    name: str
    of: str = ""
    against: str = ""

    def find(self, report: Report | None) -> Figure | None:
        """Return the figure of a benchmark that the README shows, if it was measured."""
        figures = report.figures if report else ()
        found = [
            figure
            for figure in figures
            if figure.name == self.name
            and figure.of.startswith(self.of)
            and figure.against.startswith(self.against)
        ]
        promised = [figure for figure in found if figure.target]
        return max(promised or found, key=_nearness, default=None)


def _nearness(figure: Figure) -> float:
    if not figure.target:
        return figure.value
    share = figure.value / figure.target
    return share if figure.direction == "at most" else -share


HEADLINES = (
    Headline(
        f"A new project, CPU time to that of {PEER}",
        "generation",
        "generation: CPU time, ratio",
        OURS,
        PEER,
    ),
    Headline(
        f"From nothing to green tests, CPU time to that of {PEER}",
        "first_green",
        "cache warm: CPU time, ratio",
        OURS,
        PEER,
    ),
    Headline(
        "Hostile answers that make a file that does not parse",
        "hostile",
        "files that do not parse, projects with any",
        OURS,
    ),
    Headline(
        "Image rebuilt after a change in `src/`",
        "containers",
        "rebuild after a line in src/: wall time",
        OURS,
    ),
    Headline(
        "Dev container opened, image built",
        "containers",
        "devcontainer up, image built: wall time",
        OURS,
    ),
    Headline(
        "Commit hooks on one file, CPU time to that of pre-commit's own environments",
        "hooks",
        "one file: CPU time, ratio",
    ),
    Headline(
        "Commit of one Python file, CPU time to that of v0.1.0",
        "commit",
        "commit of one Python file: CPU time, ratio",
        OURS,
        "v0.1.0",
    ),
    Headline(
        "`nox -s lint` over all files, CPU time to that of v0.1.0",
        "commit",
        "nox -s lint, every file: CPU time, ratio",
        OURS,
        "v0.1.0",
    ),
    Headline(
        "Preflight, slowest scope, above a bare Python",
        "preflight",
        "CPU time above a bare Python",
        "scope",
    ),
    Headline(
        "Rows checked at the edge, speed to that of bare pydantic on parsed rows",
        "contracts",
        "speed at the edge, ratio",
        OURS,
        "pydantic's TypeAdapter, row by row",
    ),
    Headline(
        "Build of the docs, CPU time to that of plain MkDocs",
        "docs",
        "build of the docs: CPU time, ratio",
    ),
    Headline(
        "Recording the tests, instructions to those of a session without",
        "history_overhead",
        "instructions of a session, ratio",
        OURS,
    ),
    Headline(
        "Error classes on seeded faults of a sample, adjusted Rand index",
        "history_classes",
        "adjusted Rand index, streak",
        "development",
    ),
    Headline(
        "Flaky verdicts that are right, over 100 runs",
        "history_flaky",
        "precision",
        "100",
    ),
    Headline(
        "First training of the pipeline, tracked: CPU time",
        "pipeline",
        "train, first of all: CPU time",
    ),
    Headline(
        "Update of a small release, CPU time to that of cruft",
        "update",
        "small update: CPU time, ratio",
    ),
)
