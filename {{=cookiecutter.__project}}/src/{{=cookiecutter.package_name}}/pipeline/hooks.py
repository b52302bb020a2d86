"""Kedro hook that tracks runs: one record per run, with any pipeline and any runner."""

import getpass
import hashlib
import json
import logging
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any, NoReturn, TypeAlias, cast

import polars as pl
from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import AbstractDataset, CatalogProtocol, MemoryDataset
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from ..tracking.database import without_password
from ..tracking.mlflow_tracker import PARAMETERS
from ..tracking.outbox import Delivery, acquire_lock, send
from ..tracking.record import MODEL, REPORT, Record
from . import configuration
from .datasets import History, Leaderboard, Metrics
from .declaration import Objective, Problem
from .errors import ConfigurationError, GateError, comparable
from .evaluated import digest, evaluation_inputs
from .loader import Loader
from .parameters import Parameters

Catalog: TypeAlias = CatalogProtocol[Any, Any]
Outputs: TypeAlias = list[tuple[str, AbstractDataset[Any, Any]]]
LOG = logging.getLogger(__name__)
# Options of `kedro run` that leave out steps.
PARTS = ("tags", "node_names", "from_nodes", "to_nodes", "from_inputs", "to_outputs")


@dataclass(frozen=True)
class Request:
    """What the caller of a run adds to its record.

    Attributes:
        candidate: Whether its model may get an alias.
        tracked: Whether to track it.
        label: Name to show.
        parent: ID of the run that it is a part of, such as a sweep.
        run: ID of the run in the tracker, if it goes on after a failure.
        rows: Number of rows that each step takes of a table; None for all.
        tags: Further tags.
    """

    candidate: bool = True
    tracked: bool = True
    label: str | None = None
    parent: str | None = None
    run: str | None = None
    rows: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """Result of a tracked run of a declared problem.

    Attributes:
        record: Record that the tracker received.
        run: ID of the run in the tracker.
        version: A line about the version of its model.
        board: The leaderboard; empty if the pipeline has none.
        objective: What decides which of two models is better.
    """

    record: Record
    run: str
    version: str
    board: list[dict[str, Any]]
    objective: Objective

    @property
    def value(self) -> float:
        """Metric of the objective, for the report."""
        return self.record.metrics[self.objective.metric]

    @property
    def selected(self) -> float:
        """Metric by which a sweep chooses.

        Raises:
            ConfigurationError: The run did not measure it.
        """
        name = self.objective.selected
        if name not in self.record.metrics:
            raise ConfigurationError(
                f"the run has no metric {name}, by which a sweep chooses (objective.selection): "
                "hold out a validation part"
            )
        return self.record.metrics[name]

    @property
    def result(self) -> str:
        """The metric of the objective and its exact value, as one line."""
        return f"{self.objective.metric} {self.value!r}"


class TrackingHook:
    """Validates the configuration and tracks every run of a whole pipeline or namespace.

    Attributes:
        request: What the caller of the next run adds to its record.
        outcome: Result of the last run of this process.
        metrics: Metrics of the last run, whether it was tracked or not.
        seconds: Seconds that each step took, if it ran in this process.
        step: Name of the step that failed; empty if it is unknown, as with some runners.
    """

    def __init__(self) -> None:
        self.request = Request()
        self.outcome: Outcome | None = None
        self.metrics: dict[str, float] = {}
        self.seconds: dict[str, float] = {}
        self.step = ""

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Reject an invalid configuration before the first step."""
        loader = cast("Loader", context.config_loader)
        self._project = Path(context.project_path)
        conf = self._project / configuration.CONF
        self._parameters = configuration.check(loader["parameters"], conf, loader.env)
        self._problems = configuration.problems(loader["problems"], conf, loader.env)
        self._directory = self._project / loader.run
        self._env = context.env
        self.outcome, self.step = None, ""
        self.metrics, self.seconds = {}, {}

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline) -> None:
        """Write a record with status `killed`, in case the run never reports its end.

        Raises:
            ConfigurationError: The problem names a dataset that the pipeline does not have.
        """
        self._started = datetime.now(UTC)
        name = pipeline_name(run_params)
        self._problem: Problem | None = self._problems.get(name)
        is_part = any(run_params.get(each) for each in PARTS)
        if self._problem and not is_part:
            check_datasets(self._problem, name, pipeline)
        self._is_tracked = self.request.tracked and not is_part
        if not self._is_tracked:
            if self.request.tracked:
                LOG.warning("a part of the pipeline %s runs; parts are not tracked", name)
            return
        if self._problem is None:
            LOG.warning(
                "conf/*/problems.yml has no problem %r: the run is tracked, but no model registered",
                name,
            )
        self._pipeline = name
        self._inputs = code_and_lock(self._project)
        report = self._directory / REPORT
        report.mkdir(parents=True, exist_ok=True)
        parameters = json.dumps(self._parameters_without_password(), indent=2) + "\n"
        (report / PARAMETERS).write_text(parameters, encoding="utf-8")
        self._lock = acquire_lock(self._directory)
        self._record("killed").write(self._directory)

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline, catalog: Catalog) -> None:
        """Write the record of the run to disk, then deliver it to the tracker.

        Raises:
            ConfigurationError: The pipeline has no model, or not the metric of the objective.
            GateError: The metric of the objective is not a number.
        """
        outputs = [*found(catalog, pipeline.all_outputs())]
        metrics = self.metrics = self._metrics(outputs)
        if not self._is_tracked:
            return
        curves = {name: value for _, each in outputs for name, value in _curves(each)}
        record = self._record(
            "finished",
            metrics=metrics,
            history=curves.get("loss", []),
            validation=curves.get("validation_loss", []),
            tags={"data": _data(catalog, pipeline, self._problem)},
        )
        if self._problem is None:
            self._deliver(record)
            return
        objective = self._problem.objective
        if objective.metric not in metrics:
            known = ", ".join(sorted(metrics)) or "none, as no output has the type Metrics"
            reason = (
                f"the pipeline {self._pipeline} has no metric {objective.metric} "
                f"(objective.metric); its metrics: {known}"
            )
            self._reject(ConfigurationError(reason))
        if not (self._directory / MODEL).is_dir():
            reason = f"the pipeline {self._pipeline} wrote no model to ${{run:}}/{MODEL}"
            self._reject(ConfigurationError(reason))
        try:
            comparable(objective.metric, metrics[objective.metric])
        except GateError as error:
            self._reject(error)
        from .packaging import package  # slow import, not needed for the checks

        modules = {node.func.__module__ for node in pipeline.nodes}
        data = (catalog.load(name) for name in self._problem.data)
        package(self._directory / MODEL, self._problem, record.parameters, modules, data)
        boards = [each.load() for _, each in outputs if isinstance(each, Leaderboard)]
        board = boards[0] if boards else []
        names = evaluation_inputs(pipeline, self._problem.model, self._problem.metrics)
        kept = [name for name, _ in found(catalog, names)]
        if names == set(kept):  # otherwise nothing can be compared with it
            tags = {**record.tags, "evaluated": digest(catalog, kept)}
            record = record.model_copy(update={"tags": tags})
        delivery = self._deliver(record)
        self.outcome = Outcome(record, delivery.run, delivery.model, board, objective)

    @hook_impl
    def before_node_run(self, node: Node, inputs: dict[str, Any]) -> dict[str, Any]:
        """Cut tables in a debug run; keep all inputs in any other."""
        self.seconds[node.name] = -perf_counter()
        rows = self.request.rows
        tables = {name: each for name, each in inputs.items() if isinstance(each, pl.DataFrame)}
        return {} if rows is None else {name: each.head(rows) for name, each in tables.items()}

    @hook_impl
    def after_node_run(self, node: Node) -> None:
        """Note how long a step took."""
        self.seconds[node.name] += perf_counter()

    @hook_impl
    def on_node_error(self, node: Node) -> None:
        """Note which step failed."""
        self.step = node.name
        self.seconds[node.name] += perf_counter()

    @hook_impl
    def on_pipeline_error(self, error: Exception, pipeline: Pipeline, catalog: Catalog) -> None:
        """Deliver the record of a failed run, with the metrics that were measured before."""
        outputs = [each for each in found(catalog, pipeline.all_outputs()) if each[1].exists()]
        self.metrics = self._metrics(outputs)
        if not self._is_tracked:
            return
        self._deliver_failure(error)

    def _metrics(self, outputs: Outputs) -> dict[str, float]:
        """Return all metrics; a namespace precedes the names, except for the declared dataset."""
        metrics: dict[str, float] = {}
        for name, dataset in outputs:
            if isinstance(dataset, Metrics):
                namespace, dot, _ = name.rpartition(".")
                is_declared = self._problem is not None and name == self._problem.metrics
                above = "" if is_declared else f"{namespace}{dot}"
                metrics |= {f"{above}{key}": float(value) for key, value in dataset.load().items()}
        return metrics

    def _reject(self, error: Exception) -> NoReturn:
        self._deliver_failure(error)
        raise error

    def _deliver_failure(self, error: Exception) -> None:
        # The gate would reject the same model again.
        is_rejected = isinstance(error, GateError)
        tags = {"error": str(error)[:4000]}
        self._deliver(self._record("failed", tags, metrics=self.metrics, is_rejected=is_rejected))

    def _record(self, status: str, tags: Mapping[str, str] | None = None, **more: Any) -> Record:
        parameters: Parameters = self._parameters
        tracking, problem = parameters.tracking, self._problem
        name = problem and problem.name
        return Record(
            name=self._directory.name,
            started=self._started,
            ended=datetime.now(UTC),
            status=status,
            experiment=name or tracking.experiment,
            model=(name or tracking.model) if problem else "",
            alias=tracking.alias,
            candidate=self.request.candidate,
            metric=problem.objective.metric if problem else "",
            mode=problem.objective.mode if problem else "max",
            store=without_password(tracking.uri),
            env=self._env,
            source=command(),
            user=user(),
            label=self.request.label,
            parent=self.request.parent,
            run=self.request.run,
            parameters=self._parameters_without_password(),
            tags={
                **self._inputs,
                "pipeline": self._pipeline,
                **self.request.tags,
                **(tags or {}),
            },
            **more,
        )

    def _parameters_without_password(self) -> dict[str, Any]:
        tree = self._parameters.model_dump(mode="json")
        tree["tracking"]["uri"] = without_password(tree["tracking"]["uri"])
        return tree

    def _deliver(self, record: Record) -> Delivery:
        record.write(self._directory)
        tracker = configuration.tracker(self._parameters, self._project)
        delivery = send(self._directory, tracker, self._lock)
        if delivery.can_go_on:
            name = self._directory.name
            LOG.warning(
                "the run %s failed; `train --continue %s` goes on with it", delivery.run, name
            )
        return delivery


def check_datasets(problem: Problem, name: str, pipeline: Pipeline) -> None:
    """Check that a pipeline has every dataset that its problem names.

    Raises:
        ConfigurationError: It has not; the message names all of them.
    """
    known = pipeline.datasets()
    if unknown := [each for each in problem.datasets() if each not in known]:
        raise ConfigurationError(
            f"the pipeline {name} has no dataset {', '.join(unknown)}, which problems.yml names"
        )


def pipeline_name(run_params: Mapping[str, Any]) -> str:
    """Return the name of what Kedro runs: its namespaces, or else its pipelines."""
    names = run_params.get("namespaces") or run_params.get("pipeline_names")
    return "+".join(names or [configuration.DEFAULT])


def found(
    catalog: Catalog, names: Iterable[str]
) -> Iterator[tuple[str, AbstractDataset[Any, Any]]]:
    """Yield the datasets that the catalog has in files, by name."""
    for name in sorted(names):
        dataset = catalog.get(name)
        if dataset is not None and not isinstance(dataset, MemoryDataset):
            yield name, dataset


def _curves(dataset: AbstractDataset[Any, Any]) -> Iterator[tuple[str, list[float]]]:
    if isinstance(dataset, History):
        yield from dataset.load().items()


def _data(catalog: Catalog, pipeline: Pipeline, problem: Problem | None) -> str:
    """Return a digest of the data of a run: of the declared datasets, or else of all inputs."""
    if problem:
        return digest(catalog, problem.data)
    return digest(catalog, (name for name in pipeline.inputs() if not name.startswith("param")))


def code_and_lock(project: Path) -> dict[str, str]:
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


def command() -> str:
    """Return the command that runs, without its options."""
    program = Path(sys.argv[0])
    name = f"python -m {program.parent.name}" if program.name == "__main__.py" else program.name
    return " ".join([name, *sys.argv[1:2]])


def user() -> str:
    """Return the name of the user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without an entry for its user
        return "unknown"


TRACKING = TrackingHook()
