"""Kedro hook that tracks runs: one record per run, with any runner."""

import getpass
import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline

from ..schemas import Reading
from ..tracking.database import without_password
from ..tracking.mlflow_tracker import PARAMETERS
from ..tracking.outbox import Delivery, acquire_lock, send
from ..tracking.record import MODEL, REPORT, Record
from . import configuration
from .evaluated import digest, evaluation_inputs
from .loader import Loader
from .packaging import package
from .parameters import Parameters

# Outputs of a whole run; runs of a part of the pipeline are not tracked.
TRACKED_OUTPUTS = {"readings", "detector", "metrics", "leaderboard", "verdict"}


@dataclass(frozen=True)
class Request:
    """What the caller of a run adds to its record.

    Attributes:
        candidate: Whether its model may get an alias.
        label: Name to show.
        tags: Further tags.
    """

    candidate: bool = True
    label: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """Result of a tracked run.

    Attributes:
        record: Record that the tracker received.
        run: ID of the run in the tracker.
        model: A line about the version of its model.
        board: The leaderboard.
    """

    record: Record
    run: str
    model: str
    board: list[dict[str, Any]]

    @property
    def roc_auc(self) -> float:
        """ROC-AUC of the detector."""
        own: float = next(row["roc_auc"] for row in self.board if row["name"] == "detector")
        return own


class TrackingHook:
    """Validates the configuration and tracks runs of the whole pipeline.

    Attributes:
        request: What the caller of the next run adds to its record.
        outcome: Result of the last run of this process.
    """

    def __init__(self) -> None:
        self.request = Request()
        self.outcome: Outcome | None = None

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Reject an invalid configuration before the first step."""
        loader = cast("Loader", context.config_loader)
        self._project = Path(context.project_path)
        self._parameters = configuration.check(
            loader["parameters"], self._project / configuration.CONF, loader.env
        )
        self._directory = self._project / loader.run
        self._env = context.env
        self.outcome = None

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline) -> None:
        """Write a record with status `killed`, in case the run never reports its end."""
        self._started = datetime.now(UTC)
        if pipeline.all_outputs() >= TRACKED_OUTPUTS:
            self._inputs = _inputs(self._project)
            report = self._directory / REPORT
            report.mkdir(parents=True, exist_ok=True)
            parameters = json.dumps(self._parameters_without_password(), indent=2) + "\n"
            (report / PARAMETERS).write_text(parameters, encoding="utf-8")
            self._lock = acquire_lock(self._directory)
            self._record("killed").write(self._directory)

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol[Any, Any]) -> None:
        """Write the record of the run to disk, then deliver it to the tracker."""
        if not pipeline.all_outputs() >= TRACKED_OUTPUTS:
            return
        record = self._record(
            "finished",
            metrics=catalog.load("metrics"),
            history=[float(loss) for loss in catalog.load("detector").history_],
            tags={
                "data": _digest(catalog.load("readings").write_csv().encode()),
                "evaluated": digest(catalog, evaluation_inputs(pipeline, "detector", "metrics")),
            },
        )
        from .scoring import WindowScore  # slow import, not needed for the checks

        package(self._directory / MODEL, self._parameters.features, Reading, WindowScore)
        board = catalog.load("leaderboard")
        delivery = self._deliver(record)
        self.outcome = Outcome(record, delivery.run, delivery.model, board)

    @hook_impl
    def on_pipeline_error(self, error: Exception, pipeline: Pipeline) -> None:
        """Deliver the record of a failed run."""
        if pipeline.all_outputs() >= TRACKED_OUTPUTS:
            self._deliver(self._record("failed", tags={"error": str(error)[:4000]}))

    def _record(self, status: str, tags: Mapping[str, str] | None = None, **more: Any) -> Record:
        parameters: Parameters = self._parameters
        return Record(
            name=self._directory.name,
            started=self._started,
            ended=datetime.now(UTC),
            status=status,
            experiment=parameters.tracking.experiment,
            model=parameters.tracking.model,
            alias=parameters.tracking.alias,
            candidate=self.request.candidate,
            metric="roc_auc",
            mode="max",
            store=without_password(parameters.tracking.uri),
            env=self._env,
            source=" ".join([Path(sys.argv[0]).name, *sys.argv[1:2]]),
            user=_user(),
            label=self.request.label,
            parameters=self._parameters_without_password(),
            tags={**self._inputs, **self.request.tags, **(tags or {})},
            **more,
        )

    def _parameters_without_password(self) -> dict[str, Any]:
        tree = self._parameters.model_dump(mode="json")
        tree["tracking"]["uri"] = without_password(tree["tracking"]["uri"])
        return tree

    def _deliver(self, record: Record) -> Delivery:
        record.write(self._directory)
        tracker = configuration.tracker(self._parameters, self._project)
        return send(self._directory, tracker, self._lock)


def _inputs(project: Path) -> dict[str, str]:
    """Return the inputs of a run in addition to parameters and data: code and lock file."""
    lock = project / "uv.lock"
    return {
        "code": _git("rev-parse", "HEAD", project=project),
        "code.changed": str(bool(_git("status", "--porcelain", project=project))),
        "lock": _digest(lock.read_bytes()) if lock.exists() else "none",
    }


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _git(*arguments: str, project: Path) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=project, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:  # the runtime image has no git
        return "unknown"
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without an entry for its user
        return "unknown"


TRACKING = TrackingHook()
