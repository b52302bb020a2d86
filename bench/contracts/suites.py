"""What the lint finds in suites of tests, with a sample to judge by eye, and how much they repeat.

`python bench/contracts/suites.py DIRECTORY...`, each an unpacked source distribution or a project.
"""

import ast
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

from hangar_devkit.lint.cli import lint
from hangar_devkit.lint.source import Finding, Source, read

SAMPLE = 10  # findings of each rule


@dataclass(frozen=True)
class Suite:
    """What there is to say of a suite.

    Attributes:
        tests: How many there are.
        findings: Of the lint.
        repeated: Set-up statements that another test of the file has, too.
        statements: All set-up statements.
    """

    tests: int
    findings: list[Finding]
    repeated: int
    statements: int


def look(root: Path) -> Suite:
    """Look at the tests of a project."""
    sources, findings = read(
        [path for path in (root / "src", root / "tests") if path.exists()], root
    )
    tests = sum(1 for source in sources for _ in source.tests())
    return Suite(tests, lint(sources, findings), *repeats(sources))


def main() -> None:
    """Print counts, a sample and the share of set-up statements that are repeated."""
    for name in sys.argv[1:]:
        suite = look(Path(name).resolve())
        counts = dict(sorted(Counter(finding.code for finding in suite.findings).items()))
        print(f"{name}: {suite.tests} tests, {counts}")
        print(f"  set-up statements repeated in their file: {suite.repeated} of {suite.statements}")
        for code in counts:
            of_code = [finding for finding in suite.findings if finding.code == code]
            for finding in Random(7).sample(of_code, min(SAMPLE, len(of_code))):
                print(f"  {finding}")


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


if __name__ == "__main__":
    main()
