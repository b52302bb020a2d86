"""Order: these fail when they have run before, in this process or on this disk."""

import tempfile
from pathlib import Path

import pytest
from shop import state

HOME = Path(tempfile.gettempdir()) / "hangar-flaky-suite"


@pytest.mark.parametrize("time", ["once", "again"])
def test_registers(time):
    assert "twice" not in state.plugins
    state.plugins["twice"] = time


@pytest.mark.parametrize("time", ["once", "again"])
def test_joins(time):
    assert "guest" not in state.session
    state.session["guest"] = time


def test_makes_its_folder():
    (HOME / "export").mkdir()


def test_writes_its_file():
    with (HOME / "report.txt").open("x") as file:
        assert file.write("done") == 4
