"""MLflow as the tracker. MLflow is imported when it is needed: that takes a second."""

import json
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from .database import PREFIX, alone, located
from .port import Past, Tracker, TrackingError
from .record import MODEL, REPORT, Record, leaves

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

PARAMETERS = "parameters.json"
BATCH = 100  # parameters in one call; the most that a server takes
# What would only say more often what the error at the end says.
LEVELS = {"mlflow": "WARNING", "alembic": "WARNING", "urllib3": "ERROR"}
# What requests raises -> what it means here.
REASONS = {
    "RetryError": "the server answers, but with errors: is its database there?",
    "ConnectionError": "no server answers there",
}


class MlflowTracker(Tracker):
    """Runs and models in an MLflow server, or in a database."""

    def __init__(self, uri: str, artifacts: str | None, project: Path) -> None:
        """Keep runs at an address; a database wants a folder for files.

        Args:
            uri: A database, or a server; a SQLite path is from the project.
            artifacts: Folder for files, from the project; None with a server.
            project: The project's directory.
        """
        self._uri = located(uri, project)
        self._artifacts = (project / artifacts).absolute().as_uri() if artifacts else None

    def deliver(self, record: Record, directory: Path) -> str:
        """Keep a run, register its model if it has one, and return the run's id."""
        with self._client() as client:
            run = record.run or self._begin(client, record)
            if record.run is None:
                record = record.model_copy(update={"run": run})
                record.write(directory)
            self._log(client, record, run)
            client.log_artifacts(run, str(directory / REPORT), REPORT)
            if record.status == "finished":
                client.log_artifacts(run, str(directory / MODEL), MODEL)
                self._register(client, record, run)
            ended = int(record.ended.timestamp() * 1000)
            client.set_terminated(run, record.status.upper(), ended)
        return run

    def recall(self, run: str) -> Past:
        """Return what is known of a run; raise TrackingError when there is none."""
        with self._client() as client, TemporaryDirectory() as place:
            data = client.get_run(run).data
            file = client.download_artifacts(run, f"{REPORT}/{PARAMETERS}", place)
            tree: dict[str, Any] = json.loads(Path(file).read_text(encoding="utf-8"))
        return Past(tree, dict(data.metrics), dict(data.tags))

    def promote(self, name: str, alias: str, run: str) -> None:
        """Give an alias to the model of a run."""
        with self._client() as client:
            version = client.search_model_versions(f"run_id='{run}'")[0].version
            client.set_registered_model_alias(name, alias, version)

    def model(self, name: str, alias: str, target: Path) -> Path:
        """Fetch a registered model into a directory, and return where it is."""
        with self._client() as client:
            version = client.get_model_version_by_alias(name, alias)
            return Path(client.download_artifacts(str(version.run_id), MODEL, str(target)))

    def migrate(self) -> None:
        """Bring the project's own store to what this version of MLflow wants; leave others be."""
        if not self._uri.startswith(PREFIX):
            return
        with self._client():
            from mlflow.store.db.utils import (  # noqa: PLC0415 (heavy)
                _upgrade_db,
                create_sqlalchemy_engine_with_retry,
            )

            _upgrade_db(create_sqlalchemy_engine_with_retry(self._uri))  # type: ignore[no-untyped-call]

    @contextmanager
    def _client(self) -> Iterator["MlflowClient"]:
        # The caller hears of a dead server after seconds, not after minutes of silent retries.
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
        os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
        try:
            with alone(self._uri), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of MLflow's own use of SQLAlchemy
                from mlflow.tracking import MlflowClient  # noqa: PLC0415 (heavy)

                for name, level in LEVELS.items():
                    logging.getLogger(name).setLevel(level)
                yield MlflowClient(self._uri, self._uri)
        except Exception as error:  # MLflow's, SQLAlchemy's and requests' share no class
            raise TrackingError(f"{_shown(self._uri)}: {_reason(error)}") from error

    def _begin(self, client: "MlflowClient", record: Record) -> str:
        started = int(record.started.timestamp() * 1000)
        found = client.get_experiment_by_name(record.experiment)
        if found is None:
            try:
                experiment = client.create_experiment(record.experiment, self._artifacts)
            except Exception:
                # Another process may have been quicker.
                found = client.get_experiment_by_name(record.experiment)
                if found is None:
                    raise
        experiment = found.experiment_id if found else experiment
        return str(client.create_run(experiment, started, record.tags, record.name).info.run_id)

    def _log(self, client: "MlflowClient", record: Record, run: str) -> None:
        from mlflow.entities import Metric, Param  # noqa: PLC0415

        time = int(record.ended.timestamp() * 1000)
        metrics = [Metric(name, value, time, 0) for name, value in record.metrics.items()]
        metrics += [Metric("loss", value, time, step) for step, value in enumerate(record.history)]
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
        client.set_registered_model_alias(record.model, record.alias, versions[0].version)


def _reason(error: BaseException) -> str:
    """Say in one line what went wrong."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    cause: BaseException | None = error
    while cause:
        if known := REASONS.get(type(cause).__name__):
            return known
        cause = cause.__cause__ or cause.__context__
    return lines[0][:300]


def _shown(uri: str) -> str:
    """Leave a password out."""
    scheme, _, rest = uri.partition("://")
    return uri if uri.startswith(PREFIX) else f"{scheme}://{rest.rpartition('@')[2]}"
