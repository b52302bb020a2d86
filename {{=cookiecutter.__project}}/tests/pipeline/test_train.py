"""Tests of the commands `train`, `score` and `serve`."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from {{= cookiecutter.package_name }} import cli
from {{= cookiecutter.package_name }}.pipeline import serving


def train(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["train", *arguments])


def last_line(result: Result) -> str:
    """Return the last line of the output of a command."""
    return result.stdout.splitlines()[-1]


@pytest.fixture
def output(trained: Path) -> str:
    """The output of the training of a trained project."""
    return (trained / "output.txt").read_text(encoding="utf-8")


def run_id(project: Path) -> str:
    """Return the ID of the run of a trained project."""
    output = (project / "output.txt").read_text(encoding="utf-8")
    (found,) = re.findall(r"^run (\w+)$", output, re.MULTILINE)
    return str(found)


def test_last_line_is_the_score(output: str) -> None:
    assert re.fullmatch(r"roc_auc [01]\.\d+", output.splitlines()[-1])


def test_outbox_is_empty(trained: Path) -> None:
    assert [*(trained / "runs" / "outbox").iterdir()] == []


def test_threads_give_the_same_score(output: str) -> None:
    assert last_line(train("--set", "execution.runner.type=thread")) == output.splitlines()[-1]


def test_run_is_reproducible(trained: Path) -> None:
    assert train("--from-run", run_id(trained)).exit_code == 0


def test_changed_metric_is_explained(trained: Path) -> None:
    artifacts = trained / "runs" / "artifacts" / run_id(trained)
    file = artifacts / "artifacts" / "report" / "parameters.json"
    changed = json.loads(file.read_text(encoding="utf-8")) | {"faults": {"strength": 0.01}}
    file.write_text(json.dumps(changed))
    output = train("--from-run", run_id(trained)).output
    assert f"run {run_id(trained)} had a different roc_auc" in output


@pytest.mark.usefixtures("project")
def test_option_without_an_effect_is_refused() -> None:
    assert (
        "without --pipeline, --set" in train("--from-run", "x", "--set", "training.seed=7").output
    )


@pytest.mark.usefixtures("project")
def test_unknown_run_is_explained() -> None:
    assert "not found" in train("--from-run", "x").output


def test_check_runs_nothing(project: Path) -> None:
    train("--check")
    assert not (project / "runs" / "outbox").exists()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("training.model={type: x}", "training.model.type must be one of"),
        ("evaluation.least=1", "is below 1.0"),
        ("features.sources=[none]", "no readings of none"),
        ("data.source={type: file, path: none.csv}", "none.csv"),
    ],
)
def test_invalid_parameter_is_explained(given: str, message: str) -> None:
    assert message in train("--set", given).output


def test_invalid_data_is_rejected(project: Path) -> None:
    row = "2026-01-05T08:00:00Z,boiler-1,celsius,1e9\n"
    (project / "invalid.csv").write_text(f"time,source,unit,value\n{row}", encoding="utf-8")
    output = train("--set", "data.source={type: file, path: invalid.csv}").output
    assert "value must be at most 100000" in output


@pytest.fixture(params=["../..", "..", ".", "../escaped", "/etc/x", "a/b", "a\\b", "-x"])
def outside(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run is named by a path that leads out of the outbox."""
    monkeypatch.setenv("PIPELINE_RUN", request.param)


@pytest.mark.usefixtures("outside", "project")
def test_run_outside_the_outbox_is_refused() -> None:
    assert "is not a valid name of a run" in train().output


@pytest.mark.usefixtures("outside")
def test_refused_run_deletes_nothing(project: Path) -> None:
    before = sorted(project.rglob("*"))
    train()
    assert sorted(project.rglob("*")) == before


Run = Callable[..., Result]


def test_readings_are_scored(run: Run, sample: Path, trained: Path) -> None:
    result = run("score", shutil.copy(sample, trained / "in.csv"))
    assert result.stdout.startswith("288 rows: 288 valid, 0 invalid; 12 predictions, ")


def test_scores_are_written(run: Run, sample: Path, trained: Path) -> None:
    run("score", shutil.copy(sample, trained / "in.csv"))
    scores = (trained / "in.scores.csv").read_text(encoding="utf-8")
    assert scores.startswith("start,end,score,anomalous\n2026-01-05T08:00:00Z,2026-01-05T09:45:00Z")


def test_file_without_a_window_is_explained(run: Run, trained: Path) -> None:
    row = "2026-01-05T08:00:00Z,boiler-1,celsius,61.0\n"
    file = trained / "in.csv"
    file.write_text(f"time,source,unit,value\n{row}", encoding="utf-8")
    assert f"error: {file}: no complete row or window" in run("score", file).output


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
