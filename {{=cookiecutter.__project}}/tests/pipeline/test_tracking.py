"""Tracking: MLflow and its double keep the same promises; nothing is lost on the way."""

import json
import shutil
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hangar_devkit.contracts.doubles import double

from {{= cookiecutter.package_name }}.tracking.mlflow_tracker import MlflowTracker
from {{= cookiecutter.package_name }}.tracking.outbox import hold, send, waiting
from {{= cookiecutter.package_name }}.tracking.port import (
    Past,
    Tracker,
    TrackingError,
)
from {{= cookiecutter.package_name }}.tracking.record import Record, leaves

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
PARAMETERS = {"training": {"seed": 3, "layers": [16, 4]}}


class Shelf:
    """Behaves as a tracker, in memory."""

    def __init__(self) -> None:
        self._runs: dict[str, Record] = {}
        self._models: dict[tuple[str, str], str] = {}

    def deliver(self, record: Record, directory: Path) -> str:
        run = record.run or f"run-{len(self._runs)}"
        self._runs[run] = record
        if (directory / "model").exists():
            self._models[record.model, record.alias] = run
        return run

    def recall(self, run: str) -> Past:
        if run not in self._runs:
            raise TrackingError(run)
        record = self._runs[run]
        return Past(record.parameters, record.metrics, record.tags)

    def promote(self, name: str, alias: str, run: str) -> None:
        self._models[name, alias] = run

    def model(self, name: str, alias: str, target: Path) -> Path:
        if (name, alias) not in self._models:
            raise TrackingError(name)
        (target / "detector.skops").write_text(self._models[name, alias])
        return target


@pytest.fixture(params=["double", "mlflow"])
def tracker(request: pytest.FixtureRequest, tmp_path: Path, empty_store: Path) -> Tracker:
    """Each tracker in turn, with nothing in it."""
    if request.param == "double":
        return double(Tracker, Shelf())
    (tmp_path / "store").mkdir()
    shutil.copy(empty_store, tmp_path / "store")
    return MlflowTracker("sqlite:///store/mlflow.db", "store/artifacts", tmp_path)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """What a finished run left."""
    place = tmp_path / "outbox" / "one"
    (place / "report").mkdir(parents=True)
    (place / "model").mkdir()
    (place / "report" / "parameters.json").write_text(json.dumps(PARAMETERS))
    (place / "model" / "detector.skops").write_text("a detector")
    Record(
        name="one",
        started=NOON,
        ended=NOON,
        status="finished",
        experiment="tests",
        model="tested",
        alias="champion",
        parameters=PARAMETERS,
        metrics={"roc_auc": 0.9912345678901234},
        history=[0.5, 0.25],
        tags={"code": "abc"},
    ).write(place)
    return place


def test_parameters_come_back(tracker: Tracker, directory: Path) -> None:
    assert tracker.recall(send(directory, tracker)).parameters == PARAMETERS


def test_metrics_come_back_to_the_last_digit(tracker: Tracker, directory: Path) -> None:
    assert tracker.recall(send(directory, tracker)).metrics["roc_auc"] == 0.9912345678901234


def test_tags_come_back(tracker: Tracker, directory: Path) -> None:
    assert tracker.recall(send(directory, tracker)).tags["code"] == "abc"


def test_unknown_run_is_explained(tracker: Tracker) -> None:
    with pytest.raises(TrackingError):
        tracker.recall("f" * 32)


def test_model_is_found_by_its_alias(tracker: Tracker, directory: Path, tmp_path: Path) -> None:
    send(directory, tracker)
    place = tracker.model("tested", "champion", tmp_path)
    assert (place / "detector.skops").is_file()


def test_unknown_model_is_explained(tracker: Tracker, tmp_path: Path) -> None:
    with pytest.raises(TrackingError):
        tracker.model("tested", "champion", tmp_path)


def test_model_can_be_promoted(tracker: Tracker, directory: Path, tmp_path: Path) -> None:
    tracker.promote("tested", "best", send(directory, tracker))
    assert (tracker.model("tested", "best", tmp_path) / "detector.skops").is_file()


def test_delivery_that_broke_off_goes_on_in_its_run(tracker: Tracker, directory: Path) -> None:
    record = Record.read(directory)
    run = tracker.deliver(record, directory)
    assert tracker.deliver(record.model_copy(update={"run": run}), directory) == run


def test_delivered_run_leaves_the_outbox(tracker: Tracker, directory: Path) -> None:
    send(directory, tracker)
    assert waiting(directory.parent) == []


def test_run_that_goes_on_is_not_waiting(directory: Path) -> None:
    with closing(hold(directory)):
        assert waiting(directory.parent) == []


def test_run_that_is_over_is_waiting(directory: Path) -> None:
    hold(directory).close()
    assert waiting(directory.parent) == [directory]


def test_two_runs_in_one_directory_are_refused(directory: Path) -> None:
    with closing(hold(directory)), pytest.raises(TrackingError, match="another process"):
        hold(directory)


class Gone(Shelf):
    """Behaves as a tracker whose server is gone."""

    def deliver(self, record: Record, directory: Path) -> str:
        raise TrackingError(f"nobody took {record.name} of {directory.parent.name}")


def test_run_that_nobody_took_stays(directory: Path) -> None:
    with suppress(TrackingError):
        send(directory, double(Tracker, Gone()))
    assert waiting(directory.parent) == [directory]


def test_run_that_nobody_took_is_explained(directory: Path) -> None:
    with pytest.raises(TrackingError, match=r"nobody took one(.|\n)*kept in .*`resume` sends it"):
        send(directory, double(Tracker, Gone()))


def test_lost_server_is_explained_without_its_password(tmp_path: Path, directory: Path) -> None:
    lost = MlflowTracker("http://me:secret@127.0.0.1:9", None, tmp_path)  # betterleaks:allow
    with pytest.raises(TrackingError, match=r"^http://127.0.0.1:9: "):
        lost.deliver(Record.read(directory), directory)


def test_parameters_are_told_leaf_by_leaf() -> None:
    assert dict(leaves(PARAMETERS)) == {"training.seed": "3", "training.layers": "[16, 4]"}
