"""Fixtures of the preflight's tests."""

from pathlib import Path

import pytest

from .fakes import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A machine without faults and without anything."""
    return World(tmp_path)
