"""Test lint: its findings in a new project's own tests, and how much these repeat.

For other test suites: `python -m benchmarks.lint DIRECTORY...`, each an unpacked source
distribution or a project, also prints a sample of the findings to be judged by eye.
"""

import ast
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.framework.figures import Figure, Options
from benchmarks.framework.projects import generate
from hangar_devkit.lint.cli import lint
from hangar_devkit.lint.source import Finding, Source, read

SAMPLE = 10  # findings of each rule


@dataclass(frozen=True)
class Suite:
    """The counts of a test suite.

    Attributes:
        tests: How many tests there are.
        findings: The findings of the lint.
        repeated: Set-up statements that another test of the same file has too.
        statements: All set-up statements.
    """

    tests: int
    findings: list[Finding]
    repeated: int
    statements: int


def figures(options: Options) -> list[Figure]:  # noqa: ARG001 - the counts are the same each time
    """Count in the tests of a new project with everything that an option adds."""
    with tempfile.TemporaryDirectory() as name:
        suite = analyze(generate(Path(name), ml_pipeline=True))
    share = 100 * suite.repeated / suite.statements
    return [
        Figure("set-up statements repeated in their file", share, "%", target=10),
        Figure("findings of the lint", len(suite.findings), target=0),
        Figure("tests", suite.tests),
    ]


def analyze(root: Path) -> Suite:
    """Analyze the tests of a project."""
    sources, findings = read(
        [path for path in (root / "src", root / "tests") if path.exists()], root
    )
    tests = sum(1 for source in sources for _ in source.tests())
    return Suite(tests, lint(sources, findings), *repeats(sources))


def repeats(sources: list[Source]) -> tuple[int, int]:
    """Count set-up statements of tests that occur in another test of the file, and all of them."""
    repeated = total = 0
    for source in sources:
        statements = [
            {ast.dump(each) for each in test.body if not isinstance(each, ast.Assert | ast.With)}
            for _, test in source.tests()
        ]
        counts = Counter(each for of_test in statements for each in of_test)
        total += counts.total()
        repeated += sum(count for count in counts.values() if count > 1)
    return repeated, total


def main() -> None:
    """Print counts, a sample and the share of set-up statements that are repeated."""
    for name in sys.argv[1:]:
        suite = analyze(Path(name).resolve())
        counts = dict(sorted(Counter(finding.code for finding in suite.findings).items()))
        print(f"{name}: {suite.tests} tests, {counts}")
        print(f"  set-up statements repeated in their file: {suite.repeated} of {suite.statements}")
        for code in counts:
            of_code = [finding for finding in suite.findings if finding.code == code]
            for finding in Random(7).sample(of_code, min(SAMPLE, len(of_code))):
                print(f"  {finding}")


if __name__ == "__main__":
    main()
