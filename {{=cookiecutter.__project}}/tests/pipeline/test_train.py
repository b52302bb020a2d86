"""Training a detector, as a user does it."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from {{= cookiecutter.package_name }} import cli

COMPONENTS = "training.model.components"
SERVER_GONE = "tracking={uri: 'http://127.0.0.1:9', artifacts: null, experiment: x, model: y}"


def train(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["train", *arguments])


def last(result: Result) -> str:
    """Give the last line of what a command said."""
    return result.stdout.splitlines()[-1]


@pytest.fixture
def said(trained: Path) -> str:
    """What the training of a trained project said."""
    return (trained / "said.txt").read_text(encoding="utf-8")


def declare(project: Path, components: str) -> None:
    """Declare the sweep `two`."""
    sweep = f"two: {{ {COMPONENTS}: {components} }}\n"
    (project / "conf" / "local" / "sweeps.yml").write_text(sweep, encoding="utf-8")


def identity(project: Path) -> str:
    """Give the id of the run that a trained project has."""
    said = (project / "said.txt").read_text(encoding="utf-8")
    (found,) = re.findall(r"^run (\w+)$", said, re.MULTILINE)
    return str(found)


def test_last_line_is_the_score(said: str) -> None:
    assert re.fullmatch(r"ROC-AUC [01]\.\d+", said.splitlines()[-1])


def test_nothing_is_left_in_the_outbox(trained: Path) -> None:
    assert [*(trained / "runs" / "outbox").iterdir()] == []


def test_threads_agree_to_the_last_digit(said: str) -> None:
    assert last(train("--set", "execution.runner.kind=thread")) == said.splitlines()[-1]


def test_run_repeats(trained: Path) -> None:
    assert train("--from-run", identity(trained)).exit_code == 0


def test_run_that_does_not_repeat_is_explained(trained: Path, trained_once: Path) -> None:
    artifacts = trained_once / "runs" / "artifacts" / identity(trained)
    file = artifacts / "artifacts" / "report" / "parameters.json"
    kept = file.read_text(encoding="utf-8")
    file.write_text(json.dumps(json.loads(kept) | {"faults": {"strength": 0.01}}))
    said = train("--from-run", identity(trained)).output
    file.write_text(kept, encoding="utf-8")
    assert f"run {identity(trained)} had another roc_auc" in said


@pytest.mark.usefixtures("project")
def test_unknown_run_is_explained() -> None:
    assert "not found" in train("--from-run", "x").output


def test_sweep_runs_every_point(project: Path) -> None:
    declare(project, "[2, 5]")
    assert train("--sweep", "two").stdout.count(COMPONENTS) == 2


def test_bad_point_is_refused_before_the_first_run(project: Path) -> None:
    declare(project, "[2, 0]")
    train("--sweep", "two")
    assert not (project / "runs" / "outbox").exists()


@pytest.mark.usefixtures("project")
def test_unknown_sweep_is_explained() -> None:
    assert "conf has no sweep 'x'; there are sizes" in train("--sweep", "x").output


def test_check_runs_nothing(project: Path) -> None:
    train("--check")
    assert not (project / "runs" / "outbox").exists()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("training.model={kind: x}", "training.model.kind must be one of"),
        ("evaluation.least=1", "is below 1.0 (evaluation.least)"),
        ("features.sources=[none]", "no readings of none"),
        ("data.source={kind: file, path: none.csv}", "none.csv"),
    ],
)
def test_what_is_wrong_is_explained(given: str, message: str) -> None:
    assert message in train("--set", given).output


def test_bad_data_is_refused(project: Path) -> None:
    row = "2026-01-05T08:00:00Z,boiler-1,celsius,1e9\n"
    (project / "bad.csv").write_text(f"time,source,unit,value\n{row}", encoding="utf-8")
    said = train("--set", "data.source={kind: file, path: bad.csv}").output
    assert "value must be at most 100000" in said


def test_lost_server_is_an_error(project: Path) -> None:
    assert f"kept in {project}" in train("--set", SERVER_GONE).output


def test_resume_sends_what_was_kept(project: Path) -> None:
    train("--set", SERVER_GONE)
    said = CliRunner().invoke(cli.app, ["resume"])
    assert (last(said), [*(project / "runs" / "outbox").iterdir()]) == ("1 runs sent", [])
