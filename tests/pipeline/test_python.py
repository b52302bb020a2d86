"""The oldest Python and a newer one find the same."""

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
class Found:
    """ROC-AUC on the other Python.

    Attributes:
        locked: By the lock, which may have a newer numpy there.
        same: With the numeric libraries of the oldest Python.
    """

    locked: str
    same: str


def interpreter() -> str:
    """Find the other Python: on PATH, or pyenv's."""
    places = [Path(place) for place in os.environ["PATH"].split(os.pathsep)]
    places += Path.home().glob(f".pyenv/versions/{OTHER}.*/bin")
    for place in places:
        found = place / f"python{OTHER}"
        if found.exists() and command(found, "-c", "pass").returncode == 0:
            return str(found)
    pytest.skip(f"no Python {OTHER} here: uv python install {OTHER}")


@pytest.fixture(scope="module")
def found(installed: Project, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Train there, by the lock and with the oldest Python's libraries."""
    place = by_api(template, tmp_path_factory.mktemp("other"), {"ml_pipeline": True})
    other = Project(place, install(place, python=interpreter()))
    locked = roc_auc(other.runs("train"))
    freeze = (UV, "pip", "freeze", f"--python={installed.bin / 'python'}")
    pins = [line for line in succeed(*freeze).splitlines() if line.partition("==")[0] in NUMERIC]
    succeed(UV, "pip", "install", "--quiet", f"--python={other.bin / 'python'}", *pins)
    return Found(locked, roc_auc(other.runs("train")))


def test_equal_libraries_give_equal_digits(found: Found, shipped: str) -> None:
    assert found.same == shipped


def test_locked_libraries_differ_by_rounding_at_most(found: Found, shipped: str) -> None:
    assert float(found.locked) == pytest.approx(float(shipped), abs=1e-9)
