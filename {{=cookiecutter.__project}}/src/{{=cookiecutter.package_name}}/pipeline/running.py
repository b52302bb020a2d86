"""Run the pipeline from the command line: once, or again as it was."""

import os
import shutil
import traceback
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..edge import EdgeError
from ..tracking.mlflow_tracker import without_collection
from ..tracking.outbox import OUTBOX, acquire_lock
from ..tracking.port import TrackingError
from ..tracking.record import FILE, SENT, Record
from . import configuration
from .declaration import Execution
from .errors import ConfigurationError, GateError, StepError, table
from .loader import VARIABLE, Whole, checked_name, new_name

if TYPE_CHECKING:
    from kedro.runner import AbstractRunner

    from .hooks import Outcome, Request

INPUTS = ("code", "code.changed", "lock", "data")
MEASURED = {*INPUTS, "pipeline", "evaluated", "error"}  # tags of a run that it does not inherit
ERRORS = Path("runs/errors")


def run(
    project: Path,
    env: str | None,
    given: Mapping[str, Any],
    pipeline: str = configuration.DEFAULT,
    request: "Request | None" = None,
    *,
    only_missing: bool = False,
) -> "Outcome":
    """Run and track a whole pipeline, for which `conf/` declares a problem.

    Args:
        project: Directory of the project.
        env: Directory of `conf/` that overrides `base`.
        given: Parameters for this run only, nested.
        pipeline: Name of the pipeline.
        request: What to add to the record of the run.
        only_missing: Whether to leave out steps whose outputs exist.

    Raises:
        ConfigurationError: The configuration is invalid; nothing was run.
        EdgeError: The data violates its contract.
        GateError: The model is not good enough.
        StepError: A step failed.
        TrackingError: The run ended but could not be delivered.
    """
    parameters = configuration.read(project, env, given)
    configuration.problem(project, env, pipeline)
    from .hooks import TRACKING, Request

    TRACKING.request = request or Request()
    run_steps(project, env, given, pipeline, parameters.execution, only_missing=only_missing)
    if TRACKING.outcome is None:
        raise TrackingError(f"the pipeline {pipeline} was not tracked")
    return TRACKING.outcome


def run_steps(
    project: Path,
    env: str | None,
    given: Mapping[str, Any],
    pipeline: str,
    execution: Execution,
    steps: Sequence[str] = (),
    *,
    only_missing: bool = False,
) -> dict[str, Any]:
    """Run steps of a pipeline.

    Args:
        project: Directory of the project.
        env: Directory of `conf/` that overrides `base`.
        given: Parameters for this run only, nested.
        pipeline: Name of the pipeline.
        execution: How to run the steps.
        steps: Names of the steps; none for all.
        only_missing: Whether to leave out steps whose outputs exist.

    Returns:
        The outputs that no other of these steps takes, as datasets by name.

    Raises:
        ConfigurationError: There is no such pipeline.
        EdgeError: The data violates its contract.
        StepError: A step failed.
    """
    with without_collection():
        from kedro.framework.project import configure_project  # slow import
        from kedro.framework.session import KedroSession
        from kedro.io import DatasetError

        from .hooks import TRACKING

    configure_project(str(__package__))
    try:
        session = KedroSession.create(project, env=env, runtime_params=dict(given))
        with session, warnings.catch_warnings():
            # Kedro reads the fields of a model in a deprecated way.
            warnings.filterwarnings("ignore", "Accessing the 'model_fields'", DeprecationWarning)
            options: dict[str, Any] = {"node_names": steps} if steps else {}
            options["only_missing_outputs"] = only_missing
            outputs: dict[str, Any] = session.run(
                pipeline_names=[pipeline], runner=runner(execution), **options
            )
    except (
        ConfigurationError,
        EdgeError,
        GateError,
        MemoryError,
        OSError,
        TrackingError,
    ):
        raise
    except DatasetError as error:
        raise EdgeError(_reason(error)) from error
    except Exception as error:  # a step may raise anything
        if str(error).startswith("Failed to find the pipeline named"):
            raise ConfigurationError(
                f"pipeline_registry.py has no pipeline {pipeline!r}"
            ) from error
        raise StepError(_explain(error, project, TRACKING.step)) from error
    return outputs


def train(
    project: Path,
    env: str | None,
    given: Mapping[str, Any],
    pipeline: str,
    experiment: str | None = None,
) -> Iterator[str]:
    """Run a whole pipeline and yield lines of its result; the last one is the exact objective.

    The name of an experiment, which declares some of the parameters, is recorded.
    """
    from .hooks import Request  # slow import

    tags = {"experiment": experiment} if experiment else {}
    request = Request(label=experiment, tags=tags)
    yield from report(run(project, env, given, pipeline, request))


def report(outcome: "Outcome") -> Iterator[str]:
    """Yield the lines of a training; the last one is the exact objective."""
    if outcome.board:
        yield table(outcome.board)
    yield f"run {outcome.run}"
    yield outcome.version
    yield outcome.result


def go_on(project: Path, name: str) -> Iterator[str]:
    """Go on with a run that failed or was killed, as it was, at the steps it lacks.

    Args:
        project: Directory of the project.
        name: Name of the run, as `runs list` shows it.

    Yields:
        Lines with the changed inputs, then those of a training.

    Raises:
        TrackingError: There is no such run, or a process uses it.
    """
    from .hooks import Request, code_and_lock  # slow import

    try:
        directory = project / OUTBOX / checked_name(name)
    except ValueError as error:
        raise TrackingError(str(error)) from error
    files = [each for each in (FILE, SENT) if (directory / each).exists()]
    if not files:
        raise TrackingError(f"no run {name} can go on; `runs list` shows the runs")
    record = Record.read(directory, files[0])
    if record.status == "finished":
        raise TrackingError(f"the run {name} is complete: `resume` sends it")
    acquire_lock(directory).close()
    now = code_and_lock(project)
    for each in (each for each in now if now[each] != record.tags.get(each)):
        yield f"{each} is {now[each]}, was {record.tags.get(each)}"
    request = Request(
        candidate=record.candidate,
        label=record.label,
        parent=record.parent,
        run=record.run,
        tags={name: each for name, each in record.tags.items() if name not in MEASURED},
    )
    given, pipeline = again(record.parameters), pipeline_of(record.tags)
    with run_name(name):
        outcome = run(project, record.env, given, pipeline, request, only_missing=True)
    yield from report(outcome)


def pipeline_of(tags: Mapping[str, str]) -> str:
    """Return the name of the pipeline of an earlier run."""
    return tags.get("pipeline", configuration.DEFAULT)


def again(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of an earlier run for another one, without tracking and execution."""
    # A run of v0.1, whose sections had `kind`. Remove it after v0.2.
    if "kind" in parameters.get("execution", {}).get("runner", {}):
        parameters = renamed(parameters)
    return {
        name: Whole(section)
        for name, section in parameters.items()
        if name not in {"tracking", "execution"}
    }


def renamed(tree: Any) -> Any:
    """Return parameters of an earlier release with the keys of this one."""
    if isinstance(tree, list):
        return [renamed(each) for each in tree]
    if not isinstance(tree, Mapping):
        return tree
    return {configuration.RENAMED.get(key, key): renamed(each) for key, each in tree.items()}


@contextmanager
def run_name(name: str) -> Iterator[None]:
    """Give this name to the runs of the block."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = name
    try:
        yield
    finally:
        os.environ.pop(VARIABLE)
        if before is not None:
            os.environ[VARIABLE] = before


@contextmanager
def scratch(project: Path) -> Iterator[Path]:
    """Yield the directory of the untracked runs of the block, which is removed at the end."""
    name = new_name()
    directory = project / OUTBOX / name
    directory.mkdir(parents=True)
    try:
        # The lock keeps `runs clean` from deleting it.
        with closing(acquire_lock(directory)), run_name(name):
            yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def repeat(project: Path, env: str | None, past: str) -> Iterator[str]:
    """Repeat a run and compare.

    Args:
        project: Directory of the project.
        env: Environment with the tracker; all other parameters are those of the old run.
        past: ID of the old run.

    Yields:
        Lines with changed inputs, then each metric, then the objective.

    Raises:
        TrackingError: The run does not exist, or a metric differs.
    """
    parameters = configuration.read(project, env)
    before = configuration.tracker(parameters, project).recall(past)
    given = again(before.parameters)
    from .hooks import Request  # slow import

    repetition = Request(candidate=False, label=f"repeat of {past}", tags={"repeats": past})
    outcome = run(project, env, given, pipeline_of(before.tags), repetition)
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


def runner(execution: Execution) -> "AbstractRunner":
    """Create the runner that the configuration declares."""
    from kedro.runner import ParallelRunner, SequentialRunner, ThreadRunner

    declared = execution.runner
    if declared.type == "thread":
        return ThreadRunner(max_workers=declared.workers)
    if declared.type == "parallel":
        # A fork would copy the locks of the threads of Polars, and deadlock.
        os.environ.setdefault("KEDRO_MP_CONTEXT", "spawn")
        return ParallelRunner(max_workers=declared.workers)
    if declared.type == "dask":
        from . import dask_runner

        return dask_runner.DaskRunner(declared.address)
    return SequentialRunner()


def _reason(error: Exception) -> str:
    """Return why a dataset could not be loaded or saved; a full disk is one line."""
    cause = error.__cause__
    return f"{str(error).splitlines()[0]} {cause}" if isinstance(cause, OSError) else str(error)


def _explain(error: Exception, project: Path, step: str) -> str:
    """Write the traceback to a file, and return the error in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = " ".join(lines[:2]) if lines else "no message"
    file = ERRORS / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}.txt"
    (project / ERRORS).mkdir(parents=True, exist_ok=True)
    (project / file).write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    name = f"step {step}" if step else "a step"
    return f"{name} failed: {type(error).__name__}: {reason[:500]} (traceback: {file})"
