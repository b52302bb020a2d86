"""`pip install ./devkit` alone, beside any pytest from 8 on, records a project's suite."""

import subprocess
import sys
from pathlib import Path

import pytest

from .suite import Suite

DEVKIT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow

SUITE = """
import pytest

@pytest.fixture
def broken():
    raise OSError

def test_passes(): pass
def test_fails(): assert False
def test_breaks(broken): pass
@pytest.mark.xfail
def test_is_expected(): assert False
"""


@pytest.fixture(scope="module", params=["pytest==8.0.0", "pytest<9", "pytest"])
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What the history of a suite says, in an environment of its own."""
    suite = Suite(tmp_path_factory.mktemp("installed"))
    subprocess.run([sys.executable, "-m", "venv", suite.root / "venv"], check=True)
    python = str(suite.root / "venv/bin/python")
    install = [python, "-m", "pip", "install", "--quiet", request.param, str(DEVKIT)]
    subprocess.run(install, check=True)
    suite.write("test_it.py", SUITE)
    settings = suite.settings()
    del settings["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]  # pytest finds the recorder by itself
    command = [python, "-m", "pytest", "-q"]
    subprocess.run(command, cwd=suite.root, env=settings, check=False, stdout=subprocess.PIPE)
    return {f"{str(name).rpartition('_')[2]} {outcome}" for name, _, outcome in suite.outcomes()}


def test_every_outcome_is_recorded(outcomes: set[str]) -> None:
    assert outcomes == {"passes 0", "fails 1", "breaks 2", "expected 4"}
