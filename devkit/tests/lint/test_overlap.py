"""Tests that run the same lines, from a real recording by pytest-cov."""

import subprocess
import sys
from pathlib import Path

import pytest

from hangar_devkit.lint.overlap import OverlapError, overlapping

CODE = "def double(x):\n    return 2 * x\n\n\ndef half(x):\n    return x / 2\n"
TESTS = """
import pytest
from code_of_it import double, half

def test_double_of_one(): assert double(1) == 2
def test_double_of_two(): assert double(2) == 4
def test_half(): assert half(2) == 1
def test_wrong(): assert double(1) == 3
@pytest.mark.parametrize("x", [1, 2])
def test_many(x): assert half(double(x)) == x
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose tests ran under coverage, with contexts."""
    root = tmp_path_factory.mktemp("recorded")
    (root / "code_of_it.py").write_text(CODE, encoding="utf-8")
    (root / "test_it.py").write_text(TESTS, encoding="utf-8")
    (root / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command = ["-m", "pytest", "-q", "--cov=code_of_it", "--cov-context=test", "--cov-report="]
    subprocess.run([sys.executable, *command], cwd=root, check=False, capture_output=True)
    return root


def test_same_lines_same_outcome_is_a_group(recorded: Path) -> None:
    groups = overlapping(recorded / ".coverage", recorded / ".pytest_cache")
    assert groups == [["test_it.py::test_double_of_one", "test_it.py::test_double_of_two"]]


def test_missing_recording_is_explained(tmp_path: Path) -> None:
    with pytest.raises(OverlapError, match="--cov-context=test` first"):
        overlapping(tmp_path / ".coverage", tmp_path)


def test_damaged_recording_is_explained(tmp_path: Path) -> None:
    (tmp_path / ".coverage").write_bytes(b"no database")
    with pytest.raises(OverlapError, match="coverage"):
        overlapping(tmp_path / ".coverage", tmp_path)
