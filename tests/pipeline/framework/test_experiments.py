"""Experiments: parameters in a file of their own, which a run takes by name."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from my_project.pipeline.hooks import TRACKING

Run = Callable[..., Result]


@pytest.fixture
def experiments(project: Path) -> Path:
    """The directory of the experiments."""
    directory = project / "conf" / "base" / "experiments"
    directory.mkdir(exist_ok=True)
    (directory / "two.yml").write_text("training: {model: {components: 2}, seed: 9}\n")
    return directory


@pytest.mark.usefixtures("experiments")
def test_run_takes_the_parameters(run: Run) -> None:
    run("train", "--experiment", "two", "--set", "training.seed=7")
    assert TRACKING.outcome is not None
    training = TRACKING.outcome.record.parameters["training"]
    assert (training["model"]["components"], training["seed"]) == (2, 7)


@pytest.mark.usefixtures("experiments")
def test_run_has_the_name_as_a_tag(run: Run) -> None:
    run("train", "--experiment", "two")
    assert TRACKING.outcome is not None
    assert TRACKING.outcome.record.tags["experiment"] == "two"


def test_environment_overrides_an_experiment(run: Run, experiments: Path) -> None:
    local = experiments.parents[1] / "local" / "experiments"
    local.mkdir()
    (local / "two.yml").write_text("training: {model: {components: 3}, seed: 9}\n")
    run("train", "--experiment", "two")
    assert TRACKING.outcome is not None
    assert TRACKING.outcome.record.parameters["training"]["model"]["components"] == 3


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("x", "training: {seeds: 1}\n", "experiment x: training.seeds is an unknown key"),
        ("parameters_x", "training: {seed: 1}\n", "rename the experiment parameters_x"),
    ],
)
def test_invalid_experiment_is_explained(
    run: Run, experiments: Path, name: str, text: str, reason: str
) -> None:
    (experiments / f"{name}.yml").write_text(text)
    assert reason in run("train", "--check", "--experiment", name).output


@pytest.mark.usefixtures("experiments")
def test_unknown_experiment_is_explained(run: Run) -> None:
    assert "unknown experiment '../two'" in run("train", "--experiment", "../two").output
