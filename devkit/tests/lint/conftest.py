"""Fixtures of the tests of the test lint."""

from collections.abc import Callable

import pytest

from hangar_devkit.lint.cli import lint
from hangar_devkit.lint.source import parse

Codes = Callable[..., list[str]]


@pytest.fixture
def codes() -> Codes:
    """Lint texts, as files `tests/test_0.py` and so on, and return the codes of the findings."""

    def run(*texts: str, name: str = "tests/test_{}.py") -> list[str]:
        sources = [parse(text, name.format(number)) for number, text in enumerate(texts)]
        return [finding.code for finding in lint(sources, [])]

    return run
