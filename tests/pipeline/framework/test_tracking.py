"""Tests of tracking, run on MLflow and on a fake, and tests of the outbox."""

import json
import math
import shutil
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hangar_devkit.contracts.doubles import double

from my_project.tracking.mlflow_tracker import MlflowTracker
from my_project.tracking.outbox import (
    Delivery,
    acquire_lock,
    send,
    undelivered,
)
from my_project.tracking.port import Tracker, TrackingError
from my_project.tracking.record import Record, leaves

from .memory_tracker import MemoryTracker

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
PARAMETERS = {"training": {"seed": 3, "layers": [16, 4]}}


@pytest.fixture(params=["fake", "mlflow"])
def tracker(request: pytest.FixtureRequest, tmp_path: Path, empty_store: Path) -> Tracker:
    """Each tracker in turn, empty."""
    if request.param == "fake":
        return double(Tracker, MemoryTracker())
    (tmp_path / "store").mkdir()
    shutil.copy(empty_store, tmp_path / "store")
    return MlflowTracker("sqlite:///store/mlflow.db", "store/artifacts", tmp_path)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The directory of a finished run."""
    run = tmp_path / "outbox" / "one"
    (run / "report").mkdir(parents=True)
    (run / "model").mkdir()
    (run / "report" / "parameters.json").write_text(json.dumps(PARAMETERS))
    (run / "model" / "detector.skops").write_text("a detector")
    Record(
        name="one",
        started=NOON,
        ended=NOON,
        status="finished",
        experiment="tests",
        model="tested",
        alias="champion",
        parameters=PARAMETERS,
        metric="roc_auc",
        store="sqlite:///store/mlflow.db",
        metrics={"roc_auc": 0.9912345678901234},
        history=[0.5, 0.25],
        tags={"code": "abc", "data": "d" * 64, "evaluated": "e" * 64},
    ).write(run)
    return run


@pytest.fixture
def sent(tracker: Tracker, directory: Path) -> Delivery:
    """What the tracker answered to the run."""
    return send(directory, tracker)


def test_parameters_are_stored(tracker: Tracker, directory: Path) -> None:
    assert tracker.recall(send(directory, tracker).run).parameters == PARAMETERS


def test_metrics_are_stored_exactly(tracker: Tracker, directory: Path) -> None:
    assert tracker.recall(send(directory, tracker).run).metrics["roc_auc"] == 0.9912345678901234


def test_metric_that_is_not_a_number_is_stored(tracker: Tracker, directory: Path) -> None:
    record = Record.read(directory)
    metrics = {**record.metrics, "r2": math.nan}
    record.model_copy(update={"metrics": metrics}).write(directory)
    assert math.isnan(tracker.recall(send(directory, tracker).run).metrics["r2"])


def test_tags_are_stored(tracker: Tracker, directory: Path) -> None:
    assert tracker.recall(send(directory, tracker).run).tags["code"] == "abc"


def test_unknown_run_is_explained(tracker: Tracker) -> None:
    with pytest.raises(TrackingError):
        tracker.recall("f" * 32)


@pytest.mark.usefixtures("sent")
def test_model_is_found_by_its_alias(tracker: Tracker, tmp_path: Path) -> None:
    model = tracker.model("tested", "champion", tmp_path)
    assert (model / "detector.skops").is_file()


def test_unknown_model_is_explained(tracker: Tracker, tmp_path: Path) -> None:
    with pytest.raises(TrackingError):
        tracker.model("tested", "champion", tmp_path)


@pytest.mark.usefixtures("sent")
def test_version_has_the_objective(tracker: Tracker) -> None:
    (version,) = tracker.versions("tested")
    assert (version.metric, version.value) == ("roc_auc", 0.9912345678901234)


@pytest.mark.usefixtures("sent")
def test_version_has_the_data_of_its_evaluation(tracker: Tracker) -> None:
    assert tracker.versions("tested")[0].data == "e" * 64


@pytest.mark.usefixtures("sent")
def test_version_has_its_aliases(tracker: Tracker) -> None:
    assert tracker.versions("tested")[0].aliases == ("challenger", "champion")


def test_unknown_model_has_no_version(tracker: Tracker) -> None:
    assert tracker.versions("tested") == []


@pytest.mark.usefixtures("sent")
def test_holders_of_an_alias_are_stored(tracker: Tracker) -> None:
    tracker.assign("tested", "best", [1, 1])
    assert tracker.holders("tested", "best") == [1, 1]


@pytest.mark.usefixtures("sent")
def test_model_is_found_by_its_number(tracker: Tracker, tmp_path: Path) -> None:
    assert (tracker.model("tested", "1", tmp_path) / "detector.skops").is_file()


def test_interrupted_delivery_resumes_in_its_run(tracker: Tracker, directory: Path) -> None:
    record = Record.read(directory)
    run = tracker.deliver(record, directory)
    assert tracker.deliver(record.model_copy(update={"run": run}), directory) == run


def test_delivered_run_leaves_the_outbox(tracker: Tracker, directory: Path) -> None:
    send(directory, tracker)
    assert undelivered(directory.parent) == []


def test_active_run_is_not_listed(directory: Path) -> None:
    with closing(acquire_lock(directory)):
        assert undelivered(directory.parent) == []


def test_ended_run_is_listed(directory: Path) -> None:
    acquire_lock(directory).close()
    assert undelivered(directory.parent) == [directory]


def test_second_run_in_a_directory_is_rejected(directory: Path) -> None:
    with closing(acquire_lock(directory)), pytest.raises(TrackingError, match="another process"):
        acquire_lock(directory)


class UnreachableTracker(MemoryTracker):
    """Tracker that cannot store a run."""

    def deliver(self, record: Record, directory: Path) -> str:
        raise TrackingError(f"cannot store {record.name} of {directory.parent.name}")


def test_undelivered_run_is_kept(directory: Path) -> None:
    with suppress(TrackingError):
        send(directory, double(Tracker, UnreachableTracker()))
    assert undelivered(directory.parent) == [directory]


def test_undelivered_run_is_explained(directory: Path) -> None:
    with pytest.raises(TrackingError, match=r"cannot store one(.|\n)*kept in .*`resume`"):
        send(directory, double(Tracker, UnreachableTracker()))


def test_directory_outside_the_outbox_is_never_deleted(directory: Path) -> None:
    outside = shutil.copytree(directory, directory.parents[1] / "precious")
    with pytest.raises(TrackingError, match="is not a directory of a run"):
        send(outside, double(Tracker, MemoryTracker()))
    assert (outside / "record.json").is_file()


def test_error_does_not_contain_the_password(tmp_path: Path, directory: Path) -> None:
    tracker = MlflowTracker("http://me:secret@127.0.0.1:9", None, tmp_path)  # betterleaks:allow
    with pytest.raises(TrackingError, match=r"^http://127.0.0.1:9: "):
        tracker.deliver(Record.read(directory), directory)


def test_parameters_are_flattened() -> None:
    assert dict(leaves(PARAMETERS)) == {"training.seed": "3", "training.layers": "[16, 4]"}
