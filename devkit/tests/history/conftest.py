"""Fixtures of the history's tests."""

from pathlib import Path

import pytest

from .suite import Suite


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """An empty project."""
    made = Suite(tmp_path / "project")
    made.write("pytest.ini", "[pytest]\n")
    return made
