"""Test lint: what it finds in a new project's own suite, and how much that repeats.

For another suite: `python bench/contracts/suites.py DIRECTORY...` prints a sample of the findings
too, to be judged by eye.
"""

import tempfile
from pathlib import Path

from bench.contracts.suites import look
from bench.figures import Figure, Options
from bench.projects import generate


def figures(options: Options) -> list[Figure]:  # noqa: ARG001 - one look is enough
    """Look at the tests of a new project with all that an option brings."""
    with tempfile.TemporaryDirectory() as name:
        suite = look(generate(Path(name), ml_pipeline=True))
    share = 100 * suite.repeated / suite.statements
    return [
        Figure("set-up statements repeated in their file", share, "%", target=10),
        Figure("findings of the lint", len(suite.findings), target=0),
        Figure("tests", suite.tests),
    ]
