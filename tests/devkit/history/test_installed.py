"""`pip install ./tools` alone, beside any pytest from 8 on, records a project's suite."""

import os
import subprocess
import sys

import pytest
from devkit.history.store import Store

from tests.support.template import ROOT

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
    place = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", place / "venv"], check=True)
    python = str(place / "venv/bin/python")
    install = [python, "-m", "pip", "install", "--quiet", request.param, str(ROOT / "tools")]
    subprocess.run(install, check=True)
    (place / "test_it.py").write_text(SUITE, encoding="utf-8")
    # A session within a test is not recorded: this one is within none, as far as it can tell.
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [python, "-m", "pytest", "-q"]
    subprocess.run(command, cwd=place, env=env, check=False, stdout=subprocess.PIPE)
    with Store(place / ".cache/history/history.sqlite", create=False) as store:
        rows = store.connection.execute(
            "SELECT nodeid, outcome FROM result JOIN test ON test.id=result.test"
        )
        return {f"{nodeid.rpartition('_')[2]} {outcome}" for nodeid, outcome in rows}


def test_every_outcome_is_recorded(outcomes: set[str]) -> None:
    assert outcomes == {"passes 0", "fails 1", "breaks 2", "expected 4"}
