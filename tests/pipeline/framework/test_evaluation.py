"""Tests of splits, metrics, intervals and packaging: what any problem uses."""

import json
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter

from my_project.edge import Contract, EdgeError
from my_project.pipeline import datasets, evaluating, packaging
from my_project.pipeline.declaration import (
    Held,
    Method,
    Objective,
)
from my_project.pipeline.errors import GateError
from my_project.pipeline.splitting import (
    Fold,
    Integers,
    Samples,
    split,
)

from .conftest import Run

PACKAGE = evaluating.__name__.rpartition(".")[0]
LONG = 8  # readings of a window
METHODS: TypeAdapter[Held] = TypeAdapter(Method)


def windows(count: int, stride: int) -> Samples:
    """Return windows of a series, which overlap if the stride is short; a group has 50 steps."""
    starts = np.arange(count, dtype=np.int64) * stride
    return Samples(starts, starts + LONG - 1, groups=starts // 50)


def overlapping(samples: Samples, one: Integers, other: Integers) -> int:
    """Count the samples of one part that share a time with a sample of another, pair by pair."""
    begins_before = samples.starts[one][:, None] <= samples.ends[other]
    return int((begins_before & (samples.ends[one][:, None] >= samples.starts[other])).any(1).sum())


def method(**declared: object) -> Held:
    return METHODS.validate_python(declared)


@pytest.mark.parametrize("name", ["time", "group", "random", "walk_forward"])
@given(
    stride=st.integers(1, 9),
    validation=st.sampled_from([0.0, 0.2]),
    gap=st.integers(0, 9),
    embargo=st.integers(0, 9),
)
def test_no_part_shares_a_reading_with_another(
    name: str, stride: int, validation: float, gap: int, embargo: int
) -> None:
    samples = windows(200, stride)
    share = 0.02 if name == "random" else 0.3
    declared = method(
        type=name, held_out=share, validation=validation / 10, gap=gap, embargo=embargo
    )
    try:
        folds = split(declared, samples)
    except EdgeError:
        return  # everything was purged, and it said so
    pairs = [(f.train, f.test) for f in folds] + [(f.train, f.validation) for f in folds]
    pairs += [(f.validation, f.test) for f in folds]
    assert [overlapping(samples, one, other) for one, other in pairs] == [0] * len(pairs)


@given(gap=st.integers(0, 20))
def test_gap_separates_training_and_test(gap: int) -> None:
    samples = windows(100, 1)
    (fold,) = split(method(type="time", gap=gap), samples)
    assert samples.starts[fold.test].min() - samples.ends[fold.train].max() == gap + 1


def test_embargo_follows_the_test() -> None:
    samples = windows(100, 10)
    (fold,) = split(method(type="group", held_out=0.1, embargo=13), samples)
    after = samples.starts[fold.train][:, None] - samples.ends[fold.test]
    assert after[after > 0].min() > 13


def test_overlap_can_be_refused() -> None:
    with pytest.raises(EdgeError, match="7 samples overlap a judged sample"):
        split(method(type="time", overlap="refuse"), windows(100, 1))


@pytest.fixture(params=["expanding", "rolling"])
def folds(request: pytest.FixtureRequest) -> list[Fold]:
    """A walk forward over samples that do not overlap."""
    declared = method(type="walk_forward", folds=4, held_out=0.4, window=request.param)
    return split(declared, windows(100, LONG))


def test_walk_forward_tests_every_late_sample_once(folds: list[Fold]) -> None:
    assert np.concatenate([fold.test for fold in folds]).tolist() == [*range(60, 100)]


def test_walk_forward_trains_on_the_past(folds: list[Fold]) -> None:
    assert all(fold.train.max() < fold.test.min() for fold in folds)


def test_rolling_window_has_a_constant_size() -> None:
    declared = method(type="walk_forward", folds=4, held_out=0.4, window="rolling")
    assert {len(fold.train) for fold in split(declared, windows(100, LONG))} == {60}


def test_validation_part_comes_before_the_test() -> None:
    (fold,) = split(method(type="time", validation=0.2), windows(100, LONG))
    assert fold.counts() == {"train": 56, "validation": 14, "test": 30, "purged": 0}


def test_empty_part_is_explained() -> None:
    with pytest.raises(EdgeError, match=r"2 samples are too few to hold out a share of 0\.3"):
        split(method(type="time", validation=0.2), windows(2, LONG))


def test_interval_contains_the_mean() -> None:
    values = np.random.default_rng(0).normal(5, 1, 400)
    low, high = evaluating.interval(lambda rows: float(values[rows].mean()), 400, draws=500)
    assert low < values.mean() < high


def test_interval_of_alike_neighbours_is_wider() -> None:
    series = np.random.default_rng(0).normal(0, 1, 1000).cumsum()
    intervals = [
        evaluating.interval(lambda rows: float(series[rows].mean()), 1000, block=block)
        for block in (1, 100)
    ]
    widths = [high - low for low, high in intervals]
    assert widths[1] > 3 * widths[0]


def test_undefined_interval_is_explained() -> None:
    with pytest.raises(GateError, match="too few samples for an interval"):
        evaluating.interval(lambda _: float("nan"), 10)


def test_single_class_is_explained() -> None:
    ones = np.ones(5)
    with pytest.raises(GateError, match="roc_auc needs two classes, but all 5 samples have one"):
        evaluating.measure(["roc_auc"], ones, ones, ones)


def test_unknown_metric_is_explained() -> None:
    with pytest.raises(GateError, match="unknown metric auc"):
        evaluating.measure(["auc"], np.ones(2), np.ones(2))


MAE = Objective(metric="mae", mode="min")
BOARD = [{"name": "own", "mae": 0.5}, {"name": "mean", "mae": 0.4}]


def test_lower_error_is_ranked_first() -> None:
    board = evaluating.ranked({"own": {"mae": 0.5}, "mean": {"mae": 0.4}}, MAE)
    assert [row["name"] for row in board] == ["mean", "own"]


@pytest.mark.parametrize(
    ("limits", "message"),
    [({"limit": 0.45}, "mae 0.5000 is above 0.45"), ({"tolerance": 0.05}, "0.1000 behind")],
)
def test_too_large_an_error_is_rejected(limits: dict[str, float], message: str) -> None:
    with pytest.raises(GateError, match=message):
        evaluating.accept(BOARD, "own", MAE, **limits)


def test_metric_that_is_not_a_number_is_rejected() -> None:
    board = [{"name": "own", "mae": float("nan")}, BOARD[1]]
    with pytest.raises(GateError, match="mae is not a number"):
        evaluating.accept(board, "own", MAE, limit=0.6)


def test_baseline_that_is_not_a_number_does_not_hide_another() -> None:
    board = [BOARD[0], {"name": "broken", "mae": float("nan")}, BOARD[1]]
    with pytest.raises(GateError, match=r"0\.1000 behind"):
        evaluating.accept(board, "own", MAE, tolerance=0.05)


def test_metric_that_is_not_a_number_is_ranked_last() -> None:
    rows = {"a": {"mae": 0.5}, "b": {"mae": float("nan")}, "c": {"mae": 0.4}}
    assert [row["name"] for row in evaluating.ranked(rows, MAE)] == ["c", "a", "b"]


def test_small_error_is_accepted() -> None:
    assert evaluating.accept(BOARD, "own", MAE, limit=0.6)["mae"] == 0.5


def test_imports_of_a_module_are_requirements() -> None:
    names = packaging.requirements([f"{PACKAGE}.nodes.features"])
    assert {"jaxtyping", "numpy", "polars", "pydantic"} <= set(names)


def test_imports_that_are_not_reached_are_no_requirements() -> None:
    names = packaging.requirements([f"{PACKAGE}.nodes.windows"])
    assert not {"kedro", "typer"} & set(names)


class Mixed(Contract):
    """A row with an optional, a listed and a defaulted field."""

    number: float | None = Field(description="Optional.")
    items: tuple[int, ...]
    text: str = "a"


def test_any_contract_has_a_signature() -> None:
    columns = {each["name"]: each for each in json.loads(packaging.columns(Mixed))}
    assert {name: (each["type"], each["required"]) for name, each in columns.items()} == {
        "number": ("double", True),
        "items": ("any", True),
        "text": ("string", False),
    }


@pytest.mark.usefixtures("project")
def test_pipeline_without_a_problem_is_explained(run: Run) -> None:
    result = run("train", "--pipeline", "pages")
    assert "declares no problem of the pipeline 'pages'" in result.output


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("task: anomaly", "task: x", "default.task must be 'anomaly', "),
        ("Reading", "Nothing", "default.inputs cannot be imported"),
        ("target: anomalous", "target: x", "has a target that is not in outputs; expected one of"),
        ("mode: max", "mode: up", "default.objective.mode must be 'max' or 'min'"),
    ],
)
def test_invalid_problem_is_explained(
    project: Path, run: Run, old: str, new: str, message: str
) -> None:
    file = project / "conf" / "base" / "problems.yml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert message in run("train", "--check").output


@pytest.mark.parametrize("name", ["table", "pictures"])
def test_dataset_gets_its_name_when_it_is_on_the_disk(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    existed: list[bool] = []
    monkeypatch.setattr(os, "fsync", lambda _: existed.append(path.exists()))
    if name == "table":
        datasets.Table(str(path)).save(pl.DataFrame({"a": [1]}))
    else:
        datasets.Pictures(str(path)).save({"a": "<svg/>"})
    assert existed == [False] * (1 if name == "table" else 2) + [True]
