"""Tests of the shared helpers."""

from datetime import UTC, datetime

import pytest

from {{= cookiecutter.package_name }}.edge import EdgeError
from {{= cookiecutter.package_name }}.utils import floor_time


@pytest.mark.parametrize(("minutes", "floor"), [(15, 45), (60, 0), (7, 52)])
def test_time_is_rounded_down(minutes: int, floor: int) -> None:
    time = datetime(2026, 1, 5, 8, 52, 30, tzinfo=UTC)
    assert floor_time(time, minutes) == datetime(2026, 1, 5, 8, floor, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time", "minutes"),
    [
        (datetime(2026, 1, 5), 15),  # noqa: DTZ001 (tests a time without a zone)
        (datetime(2026, 1, 5, tzinfo=UTC), 0),
    ],
)
def test_invalid_argument_is_rejected(time: datetime, minutes: int) -> None:
    with pytest.raises(EdgeError, match="floor_time: "):
        floor_time(time, minutes)
