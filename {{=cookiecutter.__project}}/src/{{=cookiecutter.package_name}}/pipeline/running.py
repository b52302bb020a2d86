"""Run the pipeline from the command line: once, again as it was, or for each point of a sweep."""

import itertools
import json
import os
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..edge import EdgeError
from ..tracking import registry
from ..tracking.port import TrackingError
from . import configuration
from .declaration import Execution
from .gate import table
from .loader import Loader, Whole, merged

if TYPE_CHECKING:
    from kedro.runner import AbstractRunner

    from .hooks import Outcome, Request

INPUTS = ("code", "code.changed", "lock", "data")
CHALLENGER = "challenger"


def run(
    project: Path,
    env: str | None,
    given: Mapping[str, Any],
    pipeline: str = configuration.DEFAULT,
    request: "Request | None" = None,
) -> "Outcome":
    """Run and track a whole pipeline, for which `conf/` declares a problem.

    Args:
        project: Directory of the project.
        env: Directory of `conf/` that overrides `base`.
        given: Parameters for this run only, nested.
        pipeline: Name of the pipeline.
        request: What to add to its record.

    Raises:
        ConfigurationError: The configuration is invalid; nothing was run.
        EdgeError: The data violates its contract.
        GateError: The model is not good enough.
        TrackingError: The run ended but could not be delivered.
    """
    parameters = configuration.read(project, env, given)
    configuration.problem(project, env, pipeline)
    from kedro.framework.project import configure_project  # slow import
    from kedro.framework.session import KedroSession
    from kedro.io import DatasetError

    from .hooks import TRACKING, Request

    TRACKING.request = request or Request()
    configure_project(str(__package__))
    try:
        session = KedroSession.create(project, env=env, runtime_params=dict(given))
        with session, warnings.catch_warnings():
            # Kedro reads the fields of a model in a deprecated way.
            warnings.filterwarnings("ignore", "Accessing the 'model_fields'", DeprecationWarning)
            session.run(pipeline_names=[pipeline], runner=runner(parameters.execution))
    except DatasetError as error:
        raise EdgeError(str(error)) from error
    except ValueError as error:
        if str(error).startswith("Failed to find the pipeline named"):
            raise configuration.ConfigurationError(
                f"pipeline_registry.py has no pipeline {pipeline!r}"
            ) from error
        raise
    if TRACKING.outcome is None:
        raise TrackingError(f"the pipeline {pipeline} was not tracked")
    return TRACKING.outcome


def train(project: Path, env: str | None, given: Mapping[str, Any], pipeline: str) -> Iterator[str]:
    """Run a whole pipeline and yield lines of its result; the last one is the exact objective."""
    outcome = run(project, env, given, pipeline)
    if outcome.board:
        yield table(outcome.board)
    yield f"run {outcome.run}"
    yield outcome.model
    yield outcome.result


def repeat(project: Path, env: str | None, past: str, pipeline: str) -> Iterator[str]:
    """Repeat a run and compare.

    Args:
        project: Directory of the project.
        env: Environment with the tracker; all other parameters are those of the old run.
        past: ID of the old run.
        pipeline: Name of the pipeline.

    Yields:
        Lines with changed inputs, then each metric, then the objective.

    Raises:
        TrackingError: The run does not exist, or a metric differs.
    """
    parameters = configuration.read(project, env)
    before = configuration.tracker(parameters, project).recall(past)
    given = {
        name: Whole(section)
        for name, section in before.parameters.items()
        if name not in {"tracking", "execution"}
    }
    from .hooks import Request  # slow import

    repetition = Request(candidate=False, label=f"repeat of {past}", tags={"repeats": past})
    outcome = run(project, env, given, pipeline, repetition)
    for name in INPUTS:
        if before.tags.get(name) != outcome.record.tags.get(name):
            yield f"{name} is {outcome.record.tags.get(name)}, was {before.tags.get(name)}"
    now = outcome.record.metrics
    for name, value in now.items():
        yield f"{name} {value!r}, was {before.metrics.get(name)!r}"
    yield f"run {outcome.run}"
    yield outcome.result
    if different := [name for name, value in now.items() if value != before.metrics.get(name)]:
        raise TrackingError(f"run {past} had a different {', '.join(different)}")


def sweep(
    project: Path, env: str | None, given: Mapping[str, Any], name: str, pipeline: str
) -> Iterator[str]:
    """Run a sweep that `conf/` declares.

    Args:
        project: Directory of the project.
        env: Directory of `conf/` that overrides `base`.
        given: Parameters for all runs of the sweep, nested.
        name: Name of the sweep.
        pipeline: Name of the pipeline.

    Yields:
        A line for each run when it ends, then the best one.

    Raises:
        ConfigurationError: The sweep does not exist, or one of its points is invalid; nothing ran.
    """
    parameters = configuration.read(project, env, given)
    combinations = [*points(project, env, name)]
    alias = {"tracking": {"alias": CHALLENGER}}
    trees = [merged(merged(given, configuration.nested(point)), alias) for point in combinations]
    for tree in trees:
        configuration.read(project, env, tree)
    best: Outcome | None = None
    for point, tree in zip(combinations, trees, strict=True):
        outcome = run(project, env, tree, pipeline)
        if best is None or outcome.objective.is_better(outcome.selected, best.selected):
            best = outcome
        yield f"{outcome.selected:.6f}  run {outcome.run}  {json.dumps(point)}"
    if best is None:
        raise configuration.ConfigurationError(f"the sweep {name!r} has no points")
    tracker = configuration.tracker(parameters, project)
    registry.promote(tracker, best.record.model, parameters.tracking.alias, best.run)
    yield f"best run {best.run}"
    yield best.result


def points(project: Path, env: str | None, name: str) -> Iterator[dict[str, Any]]:
    """Yield every combination of the values of a sweep, by dotted keys."""
    sweeps = Loader(project / configuration.CONF, env)["sweeps"]
    if name not in sweeps:
        raise configuration.ConfigurationError(
            f"unknown sweep {name!r} in conf; expected one of {', '.join(sorted(sweeps))}"
        )
    axes: dict[str, list[Any]] = sweeps[name]
    for values in itertools.product(*axes.values()):
        yield dict(zip(axes, values, strict=True))


def runner(execution: Execution) -> "AbstractRunner":
    """Create the runner that the configuration declares."""
    from kedro.runner import ParallelRunner, SequentialRunner, ThreadRunner

    declared = execution.runner
    if declared.kind == "thread":
        return ThreadRunner(max_workers=declared.workers)
    if declared.kind == "parallel":
        # A fork would copy the locks of the threads of Polars, and deadlock.
        os.environ.setdefault("KEDRO_MP_CONTEXT", "spawn")
        return ParallelRunner(max_workers=declared.workers)
    if declared.kind == "dask":
        from . import dask_runner

        return dask_runner.DaskRunner(declared.address)
    return SequentialRunner()
