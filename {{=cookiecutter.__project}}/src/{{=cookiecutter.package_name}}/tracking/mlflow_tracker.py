"""Tracker for MLflow. MLflow is imported on first use, because the import takes a second."""

import json
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from .database import PREFIX, absolute_uri, exclusive_access
from .port import PastRun, Tracker, TrackingError
from .record import MODEL, REPORT, Record, leaves

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

PARAMETERS = "parameters.json"
BATCH = 100  # maximum number of parameters in one call
# Their messages repeat the error that is raised at the end.
LEVELS = {"mlflow": "WARNING", "alembic": "WARNING", "urllib3": "ERROR"}
# Error of requests -> its meaning.
REASONS = {
    "RetryError": "the server responds with errors: is its database running?",
    "ConnectionError": "no response from a server at this address",
}


class MlflowTracker(Tracker):
    """Tracker that stores runs and models in an MLflow server or in a database."""

    def __init__(self, uri: str, artifacts: str | None, project: Path) -> None:
        """Set the store.

        Args:
            uri: A database or a server; a SQLite path is relative to the project.
            artifacts: Directory for files, relative to the project; None with a server.
            project: Directory of the project.
        """
        self._uri = absolute_uri(uri, project)
        self._artifacts = (project / artifacts).absolute().as_uri() if artifacts else None

    def deliver(self, record: Record, directory: Path) -> str:
        """Store a run, register its model if it has one, and return the ID of the run."""
        with self._client() as client:
            run = record.run or self._begin(client, record)
            if record.run is None:
                record = record.model_copy(update={"run": run})
                record.write(directory)
            self._log(client, record, run)
            client.log_artifacts(run, str(directory / REPORT), REPORT)
            if record.status == "finished" and (directory / MODEL).is_dir():
                client.log_artifacts(run, str(directory / MODEL), MODEL)
                if record.model:
                    self._register(client, record, run)
            ended = int(record.ended.timestamp() * 1000)
            client.set_terminated(run, record.status.upper(), ended)
        return run

    def recall(self, run: str) -> PastRun:
        """Return a stored run; raise TrackingError if it does not exist."""
        with self._client() as client, TemporaryDirectory() as directory:
            data = client.get_run(run).data
            file = client.download_artifacts(run, f"{REPORT}/{PARAMETERS}", directory)
            tree: dict[str, Any] = json.loads(Path(file).read_text(encoding="utf-8"))
        return PastRun(tree, dict(data.metrics), dict(data.tags))

    def promote(self, name: str, alias: str, run: str) -> None:
        """Set an alias on the model of a run."""
        with self._client() as client:
            version = client.search_model_versions(f"run_id='{run}'")[0].version
            client.set_registered_model_alias(name, alias, version)

    def model(self, name: str, alias: str, target: Path) -> Path:
        """Download a registered model into a directory and return its path."""
        with self._client() as client:
            version = client.get_model_version_by_alias(name, alias)
            return Path(client.download_artifacts(str(version.run_id), MODEL, str(target)))

    def migrate(self) -> None:
        """Migrate a SQLite store to this version of MLflow; do nothing for other stores."""
        if not self._uri.startswith(PREFIX):
            return
        with self._client():
            from mlflow.store.db.utils import (  # heavy
                _upgrade_db,
                create_sqlalchemy_engine_with_retry,
            )

            _upgrade_db(create_sqlalchemy_engine_with_retry(self._uri))  # type: ignore[no-untyped-call]

    @contextmanager
    def _client(self) -> Iterator["MlflowClient"]:
        # Report an unreachable server after seconds, not after minutes of silent retries.
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
        os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
        try:
            with exclusive_access(self._uri), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about how MLflow uses SQLAlchemy
                from mlflow.tracking import MlflowClient  # heavy

                for name, level in LEVELS.items():
                    logging.getLogger(name).setLevel(level)
                yield MlflowClient(self._uri, self._uri)
        except Exception as error:  # MLflow, SQLAlchemy and requests share no base class
            raise TrackingError(f"{_without_password(self._uri)}: {_reason(error)}") from error

    def _begin(self, client: "MlflowClient", record: Record) -> str:
        started = int(record.started.timestamp() * 1000)
        existing = client.get_experiment_by_name(record.experiment)
        if existing is None:
            try:
                experiment = client.create_experiment(record.experiment, self._artifacts)
            except Exception:
                # Another process may have created it in the meantime.
                existing = client.get_experiment_by_name(record.experiment)
                if existing is None:
                    raise
        experiment = existing.experiment_id if existing else experiment
        return str(client.create_run(experiment, started, record.tags, record.name).info.run_id)

    def _log(self, client: "MlflowClient", record: Record, run: str) -> None:
        from mlflow.entities import Metric, Param

        time = int(record.ended.timestamp() * 1000)
        metrics = [Metric(name, value, time, 0) for name, value in record.metrics.items()]
        for name, losses in (("loss", record.history), ("validation_loss", record.validation)):
            metrics += [Metric(name, value, time, step) for step, value in enumerate(losses)]
        params = [Param(name, value) for name, value in leaves(record.parameters)]
        client.log_batch(run, metrics[:900], params[:BATCH])
        for first in range(900, len(metrics), 900):
            client.log_batch(run, metrics[first : first + 900])
        for first in range(BATCH, len(params), BATCH):
            client.log_batch(run, params=params[first : first + BATCH])

    def _register(self, client: "MlflowClient", record: Record, run: str) -> None:
        versions = list(client.search_model_versions(f"run_id='{run}'"))
        if not versions:
            if not client.search_registered_models(f"name='{record.model}'"):
                try:
                    client.create_registered_model(record.model)
                except Exception:
                    if not client.search_registered_models(f"name='{record.model}'"):
                        raise
            source = f"{client.get_run(run).info.artifact_uri}/{MODEL}"
            versions = [client.create_model_version(record.model, source, run)]
        present = client.get_registered_model(record.model).aliases.get(record.alias)
        if present is not None:
            holder = str(client.get_model_version(record.model, present).run_id)
            if client.get_run(holder).info.start_time > record.started.timestamp() * 1000:
                return  # a run that was delivered late must not replace a newer model
        client.set_registered_model_alias(record.model, record.alias, versions[0].version)


def _reason(error: BaseException) -> str:
    """Return the reason of an error in one line."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    cause: BaseException | None = error
    while cause:
        if reason := REASONS.get(type(cause).__name__):
            return reason
        cause = cause.__cause__ or cause.__context__
    return lines[0][:300]


def _without_password(uri: str) -> str:
    """Return the URI without credentials."""
    scheme, _, rest = uri.partition("://")
    return uri if uri.startswith(PREFIX) else f"{scheme}://{rest.rpartition('@')[2]}"
