"""The oldest supported Python and a newer one give the same result."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.pipeline.conftest import Project, install, roc_auc
from tests.support.container import UV, command, succeed
from tests.support.render import by_api

pytestmark = pytest.mark.slow

OTHER = "3.13"
NUMERIC = ("numpy", "scipy", "scikit-learn", "polars", "polars-runtime-32", "joblib")


@dataclass(frozen=True)
class Scores:
    """ROC-AUC on the other Python.

    Attributes:
        locked: With the lock file, which may have a newer NumPy for that Python.
        same: With the numeric libraries of the oldest Python.
    """

    locked: str
    same: str


def interpreter() -> str:
    """Return the path of the other Python, from PATH or from pyenv."""
    directories = [Path(entry) for entry in os.environ["PATH"].split(os.pathsep)]
    directories += Path.home().glob(f".pyenv/versions/{OTHER}.*/bin")
    for directory in directories:
        program = directory / f"python{OTHER}"
        if program.exists() and command(program, "-c", "pass").returncode == 0:
            return str(program)
    pytest.skip(f"Python {OTHER} is not installed: uv python install {OTHER}")


@pytest.fixture(scope="module")
def scores(installed: Project, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Scores:
    """Train on the other Python, with locked and with equal libraries."""
    root = by_api(template, tmp_path_factory.mktemp("other"), {"ml_pipeline": True})
    other = Project(root, install(root, python=interpreter()))
    locked = roc_auc(other.runs("train"))
    freeze = (UV, "pip", "freeze", f"--python={installed.bin / 'python'}")
    pins = [line for line in succeed(*freeze).splitlines() if line.partition("==")[0] in NUMERIC]
    succeed(UV, "pip", "install", "--quiet", f"--python={other.bin / 'python'}", *pins)
    return Scores(locked, roc_auc(other.runs("train")))


def test_equal_libraries_give_equal_digits(scores: Scores, shipped: str) -> None:
    assert scores.same == shipped


def test_locked_libraries_differ_only_by_rounding(scores: Scores, shipped: str) -> None:
    assert float(scores.locked) == pytest.approx(float(shipped), abs=1e-9)
