"""Precision of the test lint: a sample of its findings in public projects, judged by hand.

The page holds the judgements. A finding of the sample that has none yet is written with a question
mark, and fails the session until somebody has read the test and answered: `right` when the test
should be changed as the rule says, `wrong` when it should not.
"""

import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from hangar_devkit.lint.cli import lint
from hangar_devkit.lint.source import Finding, read
from scripts.foreign.projects import Project, download

PROJECTS = (
    Project("arrow", "1.3.0", "3.13", "9.2.0"),
    Project("attrs", "26.1.0", "3.13", "9.2.0"),
    Project("more-itertools", "11.2.1", "3.13", "9.2.0"),
    Project("pyparsing", "3.3.3", "3.13", "9.2.0"),
    Project("werkzeug", "3.1.9", "3.13", "9.2.0"),
)
SAMPLE = 40
TARGET = 0.9
PAGE = Path("docs/reference/foreign/lint.md")
_ROW = re.compile(
    r"^\| ([\w-]+) \| `(.+?)` \| (TL\d{3}) \| (.+) \| (right|wrong) \|$", re.MULTILINE
)


def main(arguments: Sequence[str]) -> int:  # noqa: ARG001 - every subject gets its options
    """Write the page; return 0 if every finding of the sample is judged and enough are right."""
    known = {match.groups()[:4]: match[5] for match in _ROW.finditer(_page())}
    rows: list[tuple[str, Finding, str]] = []
    counts: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as name:
        for project in PROJECTS:
            findings = findings_of(project, Path(name) / project.name)
            counts[project.name] = Counter(finding.code for finding in findings)
            for finding in sample(findings):
                key = (project.name, f"{finding.path}:{finding.line}", finding.code, text(finding))
                rows.append((project.name, finding, known.get(key, "?")))
    PAGE.write_text(page(counts, rows), encoding="utf-8")
    judgements = Counter(judgement for _, _, judgement in rows)
    precision = judgements["right"] / len(rows)
    print(f"{len(rows)} findings, {judgements['?']} not judged, precision {precision:.2f}")
    return int(judgements["?"] > 0 or precision < TARGET)


def findings_of(project: Project, directory: Path) -> list[Finding]:
    """Return what the lint finds in the tests of a project."""
    directory.mkdir()
    root = download(project, directory)
    return lint(*read([root / project.tests], root))


def sample(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings at random, the same ones each time."""
    return sorted(random.Random(0).sample(findings, min(SAMPLE, len(findings))))


def text(finding: Finding) -> str:
    """Return the text of a finding as one cell of a table."""
    return finding.text.replace("|", "\\|")


def page(counts: dict[str, Counter[str]], rows: Sequence[tuple[str, Finding, str]]) -> str:
    """Return the page."""
    right = sum(judgement == "right" for _, _, judgement in rows)
    codes = sorted({code for counter in counts.values() for code in counter})
    versions = {project.name: project.version for project in PROJECTS}
    return "\n".join([
        "# Precision of the test lint",
        "",
        "`nox -s foreign -- lint` writes this page, except for the judgements: somebody read each",
        f"test. Of {len(rows)} findings in {len(counts)} public projects, {SAMPLE} from each,",
        f"{right} are right ({right / len(rows):.3f}; the target is {TARGET}). A finding is right",
        "when the test does what the rule describes and should be changed: checks facts that can",
        "fail independently (TL001), or checks nothing (TL002). It is wrong when the assertions",
        "are one fact, prepare it, or look at one value from two sides, or when the name or",
        "docstring of the test says that nothing must be raised. The words that say so were",
        "extended after the findings in attrs had been read, and its sample was drawn again.",
        "",
        "| project | " + " | ".join(codes) + " |",
        "| --- |" + " ---: |" * len(codes),
        *(
            f"| {name} {versions[name]} | {' | '.join(str(counter[code]) for code in codes)} |"
            for name, counter in counts.items()
        ),
        "",
        "| project | test | rule | finding | judgement |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {name} | `{each.path}:{each.line}` | {each.code} | {text(each)} | {answer} |"
            for name, each, answer in rows
        ),
        "",
    ])  # fmt: skip


def _page() -> str:
    return PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
