"""Tests of single steps of the pipeline."""

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest

from {{= cookiecutter.package_name }}.edge import EdgeError
from {{= cookiecutter.package_name }}.edge.tables import check_table
from {{= cookiecutter.package_name }}.pipeline import parameters as declared
from {{= cookiecutter.package_name }}.pipeline import plots
from {{= cookiecutter.package_name }}.pipeline.declaration import (
    GroupSplit,
    RandomSplit,
    TimeSplit,
)
from {{= cookiecutter.package_name }}.pipeline.errors import GateError
from {{= cookiecutter.package_name }}.pipeline.nodes import (
    data,
    evaluation,
    features,
    training,
)
from {{= cookiecutter.package_name }}.pipeline.nodes import (
    windows as scoring,
)
from {{= cookiecutter.package_name }}.schemas import Reading

FEATURES = declared.Features(sources=("boiler-1", "spot.price"), length=4, stride=2)
SEEDED = declared.Data(source=declared.SeededReadings(days=15, seed=1))


@pytest.fixture(scope="module")
def readings() -> pl.DataFrame:
    """Readings of 15 days."""
    return data.read(SEEDED)


@pytest.fixture(scope="module")
def windows(readings: pl.DataFrame) -> features.TimedWindows:
    """Windows of the readings."""
    return features.cut(readings, FEATURES)


def test_generated_readings_satisfy_the_contract(readings: pl.DataFrame) -> None:
    assert check_table(readings, Reading) is readings


def test_generated_readings_are_reproducible(readings: pl.DataFrame) -> None:
    assert data.read(SEEDED).equals(readings)


def test_file_is_read(sample: object) -> None:
    source = declared.FileReadings(path=str(sample))
    assert check_table(data.read(declared.Data(source=source)), Reading).height == 288


def test_window_contains_readings_of_every_source(
    readings: pl.DataFrame, windows: features.TimedWindows
) -> None:
    second = readings.filter(pl.col("source") == "spot.price")["value"][2]
    assert windows.windows[1][1] == second


def test_gap_ends_a_window(readings: pl.DataFrame) -> None:
    times = readings["time"].unique().sort()
    gap = readings.filter(pl.col("time") != times[5])
    starts = features.cut(gap, FEATURES).starts
    assert int(times.dt.epoch("us")[4]) not in starts


def test_missing_source_is_explained(readings: pl.DataFrame) -> None:
    settings = FEATURES.model_copy(update={"sources": ("boiler-1", "boiler-2")})
    with pytest.raises(EdgeError, match="no readings of boiler-2"):
        features.cut(readings, settings)


@pytest.mark.parametrize(("hours", "message"), [(1, "a window has 40"), (100, "without a gap")])
def test_too_few_readings_are_explained(readings: pl.DataFrame, hours: int, message: str) -> None:
    few = readings.filter(pl.col("time") < readings["time"][0] + timedelta(hours=hours))
    settings = FEATURES.model_copy(update={"length": 40, "step": 30 if hours > 1 else 15})
    with pytest.raises(EdgeError, match=message):
        features.cut(few, settings)


@pytest.mark.parametrize(
    "method",
    [RandomSplit(), GroupSplit(), TimeSplit()],
    ids=lambda m: m.type,
)
def test_share_is_held_out(
    windows: features.TimedWindows, method: RandomSplit | GroupSplit | TimeSplit
) -> None:
    _, _, held_out = features.part(windows, FEATURES, declared.Split(method=method))
    assert len(held_out.starts) / len(windows.starts) == pytest.approx(0.3, abs=0.05)


def test_groups_stay_together(windows: features.TimedWindows) -> None:
    train, _, held_out = features.part(windows, FEATURES, declared.Split(method=GroupSplit()))
    assert not {*train.starts // features.DAY} & {*held_out.starts // features.DAY}


def test_time_split_holds_out_the_last_windows(windows: features.TimedWindows) -> None:
    train, _, held_out = features.part(windows, FEATURES, declared.Split(method=TimeSplit()))
    assert train.starts.max() < held_out.starts.min()


def test_too_few_windows_are_explained(windows: features.TimedWindows) -> None:
    one = features.TimedWindows(windows=windows.windows[:1], starts=windows.starts[:1])
    with pytest.raises(EdgeError, match="1 samples are too few"):
        features.part(one, FEATURES, declared.Split(method=TimeSplit()))


@pytest.fixture
def damaged(windows: features.TimedWindows) -> features.JudgedWindows:
    """Windows, half of them faulty."""
    return features.damage(windows, windows, FEATURES, declared.Faults())


def test_labels_mark_the_faulty_windows(
    windows: features.TimedWindows, damaged: features.JudgedWindows
) -> None:
    changed = (windows.windows != damaged.windows).any(axis=1)
    assert changed.astype(np.int8).tolist() == damaged.labels.tolist()


def test_stream_is_cut_like_the_table(
    readings: pl.DataFrame, windows: features.TimedWindows
) -> None:
    rows = (Reading.model_validate(row) for row in readings.iter_rows(named=True))
    streamed = [values for *_, values in scoring.cut(rows, FEATURES)]
    assert np.array_equal(np.array(streamed), windows.windows)


def test_gap_in_a_stream_ends_a_window() -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    rows = [
        Reading(time=start + timedelta(minutes=15 * n), source=name, unit="euro", value=1.0)
        for n in (0, 1, 2, 4, 5, 6)
        for name in FEATURES.sources
    ]
    assert [*scoring.cut(rows, FEATURES)] == []


def test_equal_detectors_are_ranked_by_name() -> None:
    held_out = features.JudgedWindows(
        windows=np.zeros((4, 1)), starts=np.arange(4), labels=np.array([0, 0, 1, 1], np.int8)
    )
    best = [3.0, 2.0, 1.0, 0.0]
    scores = training.Scores(scores=np.array([3.0, 1.0, 2.0, 0.0]))
    board = evaluation.compare(scores, {"best": best, "also": best}, held_out)
    assert [(row["name"], row["roc_auc"]) for row in board] == [
        *(("also", 1.0), ("best", 1.0), ("detector", 0.75))
    ]


BOARD = [
    {"name": "pca", "roc_auc": 0.99, "average_precision": 0.9},
    {"name": "detector", "roc_auc": 0.97, "average_precision": 0.9},
]


@pytest.mark.parametrize(
    ("limits", "message"),
    [({"tolerance": 0.01}, "0.0200 behind the best"), ({"least": 0.98}, "below 0.98")],
)
def test_weak_detector_is_rejected(limits: dict[str, Any], message: str) -> None:
    settings = declared.Evaluation(metrics=("roc_auc",), baselines={}, **limits)
    with pytest.raises(GateError, match=f"{message}(.|\n)*pca +0.9900"):
        evaluation.accept(BOARD, settings)


def test_good_detector_is_accepted() -> None:
    settings = declared.Evaluation(metrics=("roc_auc",), baselines={}, tolerance=0.03)
    assert evaluation.accept(BOARD, settings) == {"roc_auc": 0.97, "best_baseline": 0.99}


@pytest.mark.parametrize(
    "picture",
    [
        plots.curve("Loss", "epoch", "loss", [(1, 0.5), (2, 0.5)]),
        plots.roc("ROC", [(0, 0), (0, 1), (1, 1)]),
        plots.histogram("Scores", "score", {"normal": [1.0], "faulty": [1.0]}),
        plots.bars("AUC", {"<a&b>": 1.0}),
    ],
    ids=["curve", "roc", "histogram", "bars"],
)
def test_picture_is_an_svg_with_a_title(picture: str) -> None:
    assert ElementTree.fromstring(picture)[0].tag.endswith("title")  # noqa: S314 (trusted input)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (1, 52, [10, 20, 30, 40, 50]), (3, 3, [3])],
)
def test_axis_has_round_numbers(low: float, high: float, expected: list[float]) -> None:
    assert plots.ticks(low, high) == expected
