"""Training and using a detector, as a user does it."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Run = Callable[..., Result]
SERVER_GONE = "tracking={uri: 'http://127.0.0.1:9', experiment: x, model: readings}"


def last(result: Result) -> str:
    """Give the last line of what a command said."""
    return result.stdout.splitlines()[-1]


def test_last_line_is_the_score(run: Run) -> None:
    assert re.fullmatch(r"ROC-AUC (1|0)\.\d+", last(run("train")))


@pytest.mark.parametrize("kind", ["thread", "parallel"])
def test_runners_agree_to_the_last_digit(run: Run, kind: str) -> None:
    one, other = run("train"), run("train", "--set", f"execution.runner.kind={kind}")
    assert last(one) == last(other)


def test_nothing_is_left_in_the_outbox(run: Run, project: Path) -> None:
    run("train")
    assert [*(project / "runs" / "outbox").iterdir()] == []


def test_run_repeats(run: Run) -> None:
    trained = run("train", "--set", "training.seed=5").stdout
    (identity,) = re.findall(r"^run (\w+)$", trained, re.MULTILINE)
    assert run("train", "--from-run", identity).exit_code == 0


def test_run_that_does_not_repeat_is_explained(run: Run, project: Path) -> None:
    (identity,) = re.findall(r"^run (\w+)$", run("train").stdout, re.MULTILINE)
    for file in (project / "runs" / "artifacts").glob("*/artifacts/report/parameters.json"):
        tree = json.loads(file.read_text())
        tree["faults"]["strength"] = 0.01
        file.write_text(json.dumps(tree))
    assert f"run {identity} had another roc_auc" in run("train", "--from-run", identity).output


def test_sweep_runs_every_point(run: Run, project: Path) -> None:
    sweep = project / "conf" / "local" / "sweeps.yml"
    sweep.write_text("two: { training.model.components: [2, 5] }\n", encoding="utf-8")
    assert run("train", "--sweep", "two").stdout.count("training.model.components") == 2


def test_bad_point_is_refused_before_the_first_run(run: Run, project: Path) -> None:
    sweep = project / "conf" / "local" / "sweeps.yml"
    sweep.write_text("two: { training.model.components: [2, 0] }\n", encoding="utf-8")
    run("train", "--sweep", "two")
    assert not (project / "runs").exists()


def test_unknown_sweep_is_explained(run: Run) -> None:
    assert "conf has no sweep 'x'; there are sizes" in run("train", "--sweep", "x").output


def test_check_runs_nothing(run: Run, project: Path) -> None:
    run("train", "--check")
    assert not (project / "runs").exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("training.model={kind: x}", "training.model.kind must be one of"),
        ("evaluation.least=1", "is below 1.0 (evaluation.least)"),
        ("features.sources=[none]", "no readings of none"),
        ("data.source={kind: file, path: none.csv}", "none.csv"),
    ],
)
def test_what_is_wrong_is_explained(run: Run, given: str, message: str) -> None:
    assert message in run("train", "--set", given).output


def test_bad_data_is_refused(run: Run, project: Path) -> None:
    row = "2026-01-05T08:00:00Z,boiler-1,celsius,1e9\n"
    (project / "bad.csv").write_text(f"time,source,unit,value\n{row}", encoding="utf-8")
    said = run("train", "--set", "data.source={kind: file, path: bad.csv}").output
    assert "value must be at most 100000" in said


def test_lost_server_keeps_the_model(run: Run, project: Path) -> None:
    run("train", "--set", SERVER_GONE)
    assert [*(project / "runs" / "outbox").glob("*/model/detector.skops")] != []


def test_lost_server_is_an_error(run: Run) -> None:
    assert run("train", "--set", SERVER_GONE).exit_code == 1


def test_resume_sends_what_was_kept(run: Run) -> None:
    run("train", "--set", SERVER_GONE)
    assert last(run("resume")) == "1 runs sent"


def test_readings_are_scored(run: Run, sample: Path, project: Path) -> None:
    run("train")
    file = shutil.copy(sample, project / "in.csv")
    assert last(run("score", file)).startswith("288 rows: 288 good, 0 bad; 12 windows, ")


def test_scores_are_written(run: Run, sample: Path, project: Path) -> None:
    run("train")
    run("score", shutil.copy(sample, project / "in.csv"))
    scores = (project / "in.scores.csv").read_text(encoding="utf-8")
    assert scores.startswith("start,end,score,anomalous\n2026-01-05T08:00:00Z,2026-01-05T09:45:00Z")


def test_scoring_without_a_model_is_explained(run: Run, sample: Path) -> None:
    assert "Registered Model with name=readings not found" in run("score", sample).output


def test_package_states_the_contract(run: Run, project: Path) -> None:
    run("train")
    run("serve", "--output", "package")
    said = (project / "package" / "MLmodel").read_text(encoding="utf-8")
    assert '"type": "datetime", "name": "time"' in said


def test_package_pins_what_it_needs(run: Run, project: Path) -> None:
    run("train")
    run("serve", "--output", "package")
    lines = (project / "package" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "==" not in line] == []


def test_serving_without_the_full_mlflow_is_explained(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("train")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "uvx nox -s mlflow -- serve" in run("serve").output
