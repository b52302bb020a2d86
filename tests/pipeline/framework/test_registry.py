"""Tests of the registry: which version is champion, and the commands that change it."""

import math
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hangar_devkit.contracts.doubles import double
from typer.testing import Result

from my_project.pipeline.nodes import evaluation
from my_project.tracking import registry
from my_project.tracking.port import Tracker, TrackingError
from my_project.tracking.record import Record

from .memory_tracker import MemoryTracker

Run = Callable[..., Result]
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
MODEL, CHAMPION = "tested", "champion"
FEWER_DAYS = ("--set", "data.source.days=7")


@pytest.fixture
def tracker() -> Tracker:
    """An empty tracker."""
    return double(Tracker, MemoryTracker())


@pytest.fixture
def register(tracker: Tracker, tmp_path: Path) -> Callable[..., str]:
    """A function that registers a model with a value and returns the line about it."""
    (tmp_path / "model").mkdir()

    def registered(value: float, *, hour: int = 0, data: str = "a", **more: object) -> str:
        record = Record.model_validate(
            {
                "name": "one",
                "started": NOON + timedelta(hours=hour),
                "ended": NOON,
                "status": "finished",
                "experiment": "tests",
                "model": MODEL,
                "alias": CHAMPION,
                "metric": "roc_auc",
                "parameters": {},
                "metrics": {"roc_auc": value},
                "tags": {"evaluated": data},
                **more,
            }
        )
        return registry.enter(tracker, record, tracker.deliver(record, tmp_path))

    return registered


def champion(tracker: Tracker) -> int:
    """Return the number of the champion."""
    return registry.find(tracker.versions(MODEL), CHAMPION).number


Register = Callable[..., str]


@pytest.fixture
def first(register: Register) -> str:
    """The line about a first version, of 0.9."""
    return register(0.9)


@pytest.mark.usefixtures("first")
def test_first_version_is_champion(tracker: Tracker) -> None:
    assert champion(tracker) == 1


@pytest.mark.usefixtures("first")
def test_new_version_is_challenger(tracker: Tracker, register: Register) -> None:
    register(0.8, hour=1)
    assert registry.find(tracker.versions(MODEL), registry.CHALLENGER).number == 2


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize(
    ("value", "changes", "expected", "reason"),
    [
        (0.95, {}, 2, "0.95 is better than 0.9 of version 1"),
        (0.9, {}, 1, "0.9 is not better than 0.9 of version 1"),
        (0.8, {}, 1, "0.8 is not better than 0.9 of version 1"),
        (0.8, {"mode": "min"}, 1, "version 1 has another objective"),
        (0.95, {"data": "b"}, 1, "version 1 was evaluated on other data"),
        (0.95, {"data": ""}, 1, "its data is unknown"),
        (0.95, {"metrics": {}}, 1, "roc_auc or its data is unknown"),
        (0.95, {"hour": -1}, 1, "but it started earlier; `models promote 2`"),
        (0.95, {"candidate": False}, 1, "version 2 of tested"),
    ],
)
def test_champion_is_the_better_one_on_the_same_data(  # noqa: TL003 (the reason names the rule)
    tracker: Tracker,
    register: Register,
    value: float,
    changes: dict[str, object],
    expected: int,
    reason: str,
) -> None:
    line = register(value, **{"hour": 1, **changes})
    assert (champion(tracker), reason in line) == (expected, True), line


def test_lower_value_wins_if_so_declared(tracker: Tracker, register: Register) -> None:
    register(0.9, mode="min")
    register(0.8, mode="min", hour=1)
    assert champion(tracker) == 2


@pytest.mark.usefixtures("first")
def test_older_run_does_not_become_challenger(tracker: Tracker, register: Register) -> None:
    register(0.8, hour=-1)
    assert registry.find(tracker.versions(MODEL), registry.CHALLENGER).number == 1


@pytest.mark.usefixtures("first")
def test_repeat_does_not_become_challenger(tracker: Tracker, register: Register) -> None:
    register(0.95, hour=1, candidate=False)
    assert registry.find(tracker.versions(MODEL), registry.CHALLENGER).number == 1


@pytest.fixture
def two(tracker: Tracker, register: Register) -> Tracker:
    """A tracker with a champion and a weaker version."""
    register(0.9)
    register(0.8, hour=1)
    return tracker


def test_version_is_promoted(two: Tracker) -> None:
    registry.promote(two, MODEL, CHAMPION, "2")
    assert champion(two) == 2


def test_rollback_undoes_a_promotion(two: Tracker) -> None:
    registry.promote(two, MODEL, CHAMPION, "2")
    registry.rollback(two, MODEL, CHAMPION)
    assert champion(two) == 1


def test_rollback_of_the_first_champion_is_refused(two: Tracker) -> None:
    with pytest.raises(TrackingError, match="no version of tested was champion before"):
        registry.rollback(two, MODEL, CHAMPION)


def test_unknown_version_is_explained(two: Tracker) -> None:
    with pytest.raises(TrackingError, match=r"no version '7' .* one of: 2, 1"):
        registry.promote(two, MODEL, CHAMPION, "7")


@pytest.mark.usefixtures("project")
def test_empty_registry_is_explained(run: Run) -> None:
    assert "no version of readings: `train` registers one" in run("models", "list").output


@pytest.fixture
def challenged(run: Run, trained: Path) -> Path:
    """A project with a champion and with a challenger that was trained on other data."""
    run("train", *FEWER_DAYS, "--set", "training.model.components=1")
    return trained


@pytest.mark.usefixtures("challenged")
def test_versions_are_listed(run: Run) -> None:
    lines = run("models", "list").output.splitlines()
    assert [line.split()[-1] for line in lines] == ["aliases", "challenger", "champion"]


@pytest.mark.usefixtures("challenged")
def test_versions_are_compared_on_the_same_data(run: Run) -> None:
    output = run("models", "compare", *("1", "2")).output
    assert output.splitlines()[-1] == "best: version 1", output


def test_comparison_leaves_no_directory(run: Run, challenged: Path) -> None:
    run("models", "compare")
    assert [*(challenged / "runs" / "outbox").iterdir()] == []


@pytest.mark.usefixtures("challenged")
def test_version_is_promoted_by_command(run: Run) -> None:
    run("models", "promote", "challenger")
    assert (
        "version 1 of readings is champion again, was version 2" in run("models", "rollback").output
    )


def test_repetition_does_not_take_the_alias(run: Run, trained: Path) -> None:
    output = (trained / "output.txt").read_text(encoding="utf-8")
    run("train", "--from-run", output.split("run ")[1].split()[0])
    assert run("models", "list").output.splitlines()[-1].endswith("challenger, champion")


def test_moved_project_keeps_its_models(
    run: Run, trained_once: Path, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = shutil.copytree(trained_once, tmp_path / "original")
    monkeypatch.chdir(original)
    run("models", "list")
    moved = tmp_path / "mounted" / "elsewhere"
    shutil.move(original, moved)
    monkeypatch.chdir(moved)
    result = run("score", shutil.copy(sample, moved / "in.csv"))
    assert result.exit_code == 0, result.output


@pytest.mark.usefixtures("trained")
def test_metric_that_is_not_a_number_is_not_compared(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "_measured", lambda *_: {"roc_auc": math.nan})
    output = run("models", "compare", "1").output
    assert re.search("could not compare  version 1 .*: roc_auc is not a number", output), output


def test_model_that_does_not_fit_the_data_is_not_compared(run: Run, trained: Path) -> None:
    run("train", "--set", "features.length=4", "--set", "features.stride=4")
    output = run("models", "compare", "1", "2").output
    assert "could not compare  version 2 (challenger)" in output, trained
