"""Tests of the commands `score` and `serve`."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from {{= cookiecutter.package_name }}.pipeline import serving

Run = Callable[..., Result]


def test_readings_are_scored(run: Run, sample: Path, trained: Path) -> None:
    result = run("score", shutil.copy(sample, trained / "in.csv"))
    assert result.stdout.startswith("288 rows: 288 valid, 0 invalid; 12 windows, ")


def test_scores_are_written(run: Run, sample: Path, trained: Path) -> None:
    run("score", shutil.copy(sample, trained / "in.csv"))
    scores = (trained / "in.scores.csv").read_text(encoding="utf-8")
    assert scores.startswith("start,end,score,anomalous\n2026-01-05T08:00:00Z,2026-01-05T09:45:00Z")


def test_file_without_a_window_is_explained(run: Run, trained: Path) -> None:
    row = "2026-01-05T08:00:00Z,boiler-1,celsius,61.0\n"
    file = trained / "in.csv"
    file.write_text(f"time,source,unit,value\n{row}", encoding="utf-8")
    assert f"error: {file}: no complete window" in run("score", file).output


@pytest.mark.usefixtures("project")
def test_scoring_without_a_model_is_explained(run: Run, sample: Path) -> None:
    assert "Registered Model with name=readings not found" in run("score", sample).output


def test_other_directory_is_not_a_model(run: Run, sample: Path, trained: Path) -> None:
    assert "is not a model of this project" in run("score", sample, "--model", trained).output


@pytest.fixture
def package(run: Run, trained: Path) -> Path:
    """The package that `serve` writes."""
    run("serve", "--output", "package")
    return trained / "package"


def test_package_declares_the_contract(package: Path) -> None:
    content = (package / "MLmodel").read_text(encoding="utf-8")
    assert '"type": "string", "name": "time"' in content


def test_package_pins_its_requirements(package: Path) -> None:
    lines = (package / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "==" not in line] == []


def test_package_is_a_model(run: Run, sample: Path, package: Path) -> None:
    file = shutil.copy(sample, package.parent / "in.csv")
    assert run("score", file, "--model", package).exit_code == 0


@pytest.mark.usefixtures("trained")
def test_serving_without_the_full_mlflow_is_explained(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "SERVER", "no_such_module")
    assert "uvx nox -s mlflow -- serve" in run("serve").output
