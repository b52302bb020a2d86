"""Tracker for MLflow. MLflow is imported on first use, because the import takes a second."""

import gc
import json
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import chdir, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from .database import PREFIX, absolute_uri, exclusive_access, make_relative, without_password
from .port import PastRun, Tracker, TrackingError, Version
from .record import MODEL, REPORT, Record, leaves

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

PARAMETERS = "parameters.json"
BATCH = 100  # maximum number of parameters in one call
HOLDERS = "holders."  # tag of a model: the versions that had an alias, as JSON
LAST_HOLDERS = 100
# Tags of a version.
METRIC, MODE, VALUE = "objective.metric", "objective.mode", "objective.value"
EVALUATED = "evaluated"
# Their messages repeat the error that is raised at the end.
LEVELS = {"mlflow": "WARNING", "alembic": "WARNING", "urllib3": "ERROR"}
# Error of requests -> its meaning.
REASONS = {
    "RetryError": "the server responds with errors: is its database running?",
    "ConnectionError": "no response from a server at this address",
}


@contextmanager
def without_collection() -> Iterator[None]:
    """Collect no garbage in the block, which imports thousands of modules, nor in these modules.

    None of what an import makes is garbage, but the collector walks all of it again and again, and
    once more at the end: a third of the time of a short training.
    """
    was_enabled, before = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > before:
            gc.freeze()
        if was_enabled:
            gc.enable()


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
        self._artifacts, self._project = artifacts, project

    def deliver(self, record: Record, directory: Path) -> str:
        """Store a run, register its model if it has one, and return the ID of the run."""
        with self._client() as client:
            run = record.run or self._begin(client, record)
            if record.run is None:
                record = record.model_copy(update={"run": run})
                record.write(directory)
            self._log(client, record, run)
            client.log_artifacts(run, str(directory / REPORT), REPORT)
            if record.status == "finished" and "error" in client.get_run(run).data.tags:
                client.delete_tag(run, "error")  # of an attempt that failed
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

    def versions(self, name: str) -> list[Version]:
        """Return the versions of a model, the newest first; none for an unknown model."""
        with self._client() as client:
            found = client.search_registered_models(f"name={_quoted(name)}")
            if not found:
                return []
            aliases: dict[str, str] = client.get_registered_model(name).aliases
            versions: list[Any] = []
            token = None
            while token or not versions:
                page = client.search_model_versions(f"name={_quoted(name)}", page_token=token)
                versions += page
                token = page.token
                if not token:
                    break
            read = [_version(client, each, aliases) for each in versions]
        return sorted(read, key=lambda version: -version.number)

    def holders(self, name: str, alias: str) -> list[int]:
        """Return the versions that had an alias, in this order; the last one has it now."""
        with self._client() as client:
            model = client.get_registered_model(name)
            holders: list[int] = json.loads(model.tags.get(HOLDERS + alias, "[]"))
            present = model.aliases.get(alias)
        if present is not None and holders[-1:] != [int(present)]:
            holders.append(int(present))  # given by another program
        return holders

    def assign(self, name: str, alias: str, holders: list[int]) -> None:
        """Give an alias to the last of these versions, and store them as its holders."""
        with self._client() as client:
            client.set_registered_model_alias(name, alias, str(holders[-1]))
            text = json.dumps(holders[-LAST_HOLDERS:])
            client.set_registered_model_tag(name, HOLDERS + alias, text)

    def model(self, name: str, alias: str, target: Path) -> Path:
        """Download the model with an alias, or with a version number, and return its path."""
        with self._client() as client:
            if alias.isdecimal():
                version = client.get_model_version(name, alias)
            else:
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
        embedded = self._uri.startswith(PREFIX)
        # Addresses in an embedded store are relative to the project, which may move.
        place = chdir(self._project) if embedded else nullcontext()
        try:
            with exclusive_access(self._uri), place, warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about how MLflow uses SQLAlchemy
                with without_collection():  # the client imports the store that the address needs
                    from mlflow.tracking import MlflowClient  # heavy

                    for name, level in LEVELS.items():
                        logging.getLogger(name).setLevel(level)
                    self._relocate()
                    client = MlflowClient(self._uri, self._uri)
                yield client
        except Exception as error:  # MLflow, SQLAlchemy and requests share no base class
            raise TrackingError(f"{without_password(self._uri)}: {_reason(error)}") from error

    def _relocate(self) -> None:
        """Make the addresses in an embedded store relative; MLflow writes absolute ones."""
        if self._uri.startswith(PREFIX) and self._artifacts:
            make_relative(Path(self._uri.removeprefix(PREFIX)), self._artifacts)

    def _begin(self, client: "MlflowClient", record: Record) -> str:
        started = int(record.started.timestamp() * 1000)
        existing = client.get_experiment_by_name(record.experiment)
        if existing is None:
            try:
                place = self._artifacts
                if place and not self._uri.startswith(PREFIX):
                    place = (self._project / place).absolute().as_uri()
                experiment = client.create_experiment(record.experiment, place)
                self._relocate()
            except Exception:
                # Another process may have created it in the meantime.
                existing = client.get_experiment_by_name(record.experiment)
                if existing is None:
                    raise
        experiment = existing.experiment_id if existing else experiment
        name = record.label or record.name
        tags = {**record.tags, **_system_tags(record)}
        return str(client.create_run(experiment, started, tags, name).info.run_id)

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
        for name, value in record.tags.items():
            client.set_tag(run, name, value)
        if digest := record.tags.get("data"):
            client.log_inputs(run, [_dataset(record, digest)])

    def _register(self, client: "MlflowClient", record: Record, run: str) -> None:
        if client.search_model_versions(f"run_id='{run}'"):
            return
        if not client.search_registered_models(f"name={_quoted(record.model)}"):
            try:
                client.create_registered_model(record.model)
            except Exception:
                # Another process may have created it in the meantime.
                if not client.search_registered_models(f"name={_quoted(record.model)}"):
                    raise
        source = f"{client.get_run(run).info.artifact_uri}/{MODEL}"
        tags: dict[str, str] = {METRIC: record.metric, MODE: record.mode}
        tags |= {
            name: record.tags[name] for name in (EVALUATED, "data", "code") if name in record.tags
        }
        tags |= {name: repr(value) for name, value in record.metrics.items()}
        if record.metric in record.metrics:
            tags[VALUE] = repr(record.metrics[record.metric])
        # The page finds the models of a run by this tag.
        saved = f"{record.ended:%Y-%m-%d %H:%M:%S.%f}"
        logged = {"run_id": run, "artifact_path": MODEL, "utc_time_created": saved}
        history = json.dumps([{**logged, "flavors": {"python_function": {}}}])
        client.set_tag(run, "mlflow.log-model.history", history)
        description = f"Trained by `{record.source}`" if record.source else None
        client.create_model_version(record.model, source, run, tags, description=description)


def _system_tags(record: Record) -> dict[str, str]:
    """Return the tags that fill the columns of MLflow's page; its client sets none of them."""
    tags = {
        "mlflow.parentRunId": record.parent or "",
        "mlflow.user": record.user,
        "mlflow.source.name": record.source,
        "mlflow.source.type": "LOCAL" if record.source else "",
        "mlflow.source.git.commit": record.tags.get("code", "").replace("unknown", ""),
    }
    return {name: value for name, value in tags.items() if value}


def _dataset(record: Record, digest: str) -> Any:  # MLflow is imported on first use
    """Return the data of a run as a dataset of MLflow."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    source = json.dumps({"uri": json.dumps(record.parameters.get("data", {}))})
    # MLflow limits a digest to 36 characters.
    dataset = Dataset(record.experiment, digest[:32], "local", source)
    return DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])


def _version(client: "MlflowClient", found: Any, aliases: dict[str, str]) -> Version:
    """Return a version of MLflow as one of ours."""
    tags: dict[str, str] = found.tags
    run = client.get_run(str(found.run_id)) if found.run_id else None
    started = run.info.start_time if run else found.creation_timestamp
    value = tags.get(VALUE)
    return Version(
        number=int(found.version),
        run=str(found.run_id),
        started=datetime.fromtimestamp(started / 1000, UTC),
        metric=tags.get(METRIC, ""),
        mode=tags.get(MODE, "max"),
        value=float(value) if value is not None else None,
        data=tags.get(EVALUATED, ""),
        aliases=tuple(sorted(name for name, number in aliases.items() if number == found.version)),
    )


def _quoted(name: str) -> str:
    """Quote a name for a search of MLflow."""
    return f'"{name}"' if "'" in name else f"'{name}'"


def _reason(error: BaseException) -> str:
    """Return the reason of an error in one line."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    cause: BaseException | None = error
    while cause:
        if reason := REASONS.get(type(cause).__name__):
            return reason
        cause = cause.__cause__ or cause.__context__
    return lines[0][:300]
