"""Tests of tracking, run on MLflow and on a fake, and tests of the outbox."""

import json
import shutil
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hangar_devkit.contracts.doubles import double

from {{= cookiecutter.package_name }}.tracking.mlflow_tracker import MlflowTracker
from {{= cookiecutter.package_name }}.tracking.outbox import (
    acquire_lock,
    send,
    undelivered,
)
from {{= cookiecutter.package_name }}.tracking.port import (
    PastRun,
    Tracker,
    TrackingError,
    Version,
)
from {{= cookiecutter.package_name }}.tracking.record import Record, leaves

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
PARAMETERS = {"training": {"seed": 3, "layers": [16, 4]}}


class MemoryTracker:
    """Tracker that keeps runs and models in memory."""

    def __init__(self) -> None:
        self._runs: dict[str, Record] = {}
        self._models: dict[str, list[str]] = {}
        self._holders: dict[tuple[str, str], list[int]] = {}

    def deliver(self, record: Record, directory: Path) -> str:
        run = record.run or f"run-{len(self._runs):04}"
        self._runs[run] = record
        runs = self._models.setdefault(record.model, [])
        if (directory / "model").exists() and run not in runs:
            runs.append(run)
        return run

    def recall(self, run: str) -> PastRun:
        if run not in self._runs:
            raise TrackingError(run)
        record = self._runs[run]
        return PastRun(record.parameters, record.metrics, record.tags)

    def versions(self, name: str) -> list[Version]:
        runs = self._models.get(name, [])
        return [self._version(name, number, runs[number - 1]) for number in range(len(runs), 0, -1)]

    def _version(self, name: str, number: int, run: str) -> Version:
        record = self._runs[run]
        held = {alias for (model, alias), each in self._holders.items() if model == name if each[-1] == number}
        return Version(
            number=number,
            run=run,
            started=record.started,
            metric=record.metric,
            mode=record.mode,
            value=record.metrics.get(record.metric),
            data=record.tags.get("evaluated", ""),
            aliases=tuple(sorted(held)),
        )

    def holders(self, name: str, alias: str) -> list[int]:
        return self._holders.get((name, alias), [])

    def assign(self, name: str, alias: str, holders: list[int]) -> None:
        self._holders[name, alias] = holders

    def model(self, name: str, alias: str, target: Path) -> Path:
        numbers = [int(alias)] if alias.isdecimal() else self.holders(name, alias)
        if not numbers:
            raise TrackingError(name)
        (target / "detector.skops").write_text(self._models[name][numbers[-1] - 1])
        return target


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


def test_parameters_are_stored(tracker: Tracker, directory: Path) -> None:
    assert tracker.recall(send(directory, tracker).run).parameters == PARAMETERS


def test_metrics_are_stored_exactly(tracker: Tracker, directory: Path) -> None:
    assert tracker.recall(send(directory, tracker).run).metrics["roc_auc"] == 0.9912345678901234


def test_tags_are_stored(tracker: Tracker, directory: Path) -> None:
    assert tracker.recall(send(directory, tracker).run).tags["code"] == "abc"


def test_unknown_run_is_explained(tracker: Tracker) -> None:
    with pytest.raises(TrackingError):
        tracker.recall("f" * 32)


def test_model_is_found_by_its_alias(tracker: Tracker, directory: Path, tmp_path: Path) -> None:
    send(directory, tracker)
    model = tracker.model("tested", "champion", tmp_path)
    assert (model / "detector.skops").is_file()


def test_unknown_model_is_explained(tracker: Tracker, tmp_path: Path) -> None:
    with pytest.raises(TrackingError):
        tracker.model("tested", "champion", tmp_path)


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
