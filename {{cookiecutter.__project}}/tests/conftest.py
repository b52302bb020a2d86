"""What the tests share."""

from pathlib import Path

import pytest


@pytest.fixture
def sample() -> Path:
    """The readings that the project ships."""
    return Path(__file__).parents[1] / "data" / "readings.csv"
