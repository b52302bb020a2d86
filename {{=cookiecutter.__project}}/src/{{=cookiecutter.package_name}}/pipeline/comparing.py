"""Compare registered models on the same data: that which `conf/` declares now."""

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from kedro.framework.project import configure_project, pipelines
from kedro.pipeline import Pipeline

from ..edge import EdgeError
from ..tracking import registry
from ..tracking.port import TrackingError, Version
from ..tracking.record import MODEL
from . import configuration
from .declaration import Execution
from .errors import GateError, StepError, comparable, message
from .evaluated import evaluation, evaluation_inputs
from .hooks import TRACKING, Request
from .running import run_steps, scratch


def compare(
    project: Path,
    env: str | None,
    names: list[str],
    *,
    pipeline: str = configuration.DEFAULT,
    promote: bool = False,
) -> Iterator[str]:
    """Evaluate versions of a model on the data that `conf/` declares.

    Args:
        project: Directory of the project.
        env: Directory of `conf/` that overrides `base`.
        names: Numbers, aliases or runs; none for the champion and the challenger.
        pipeline: Name of the pipeline that trains the model.
        promote: Whether the best version becomes champion.

    Yields:
        A line for each version, the best first, then which one is best.

    Raises:
        TrackingError: A version does not exist, or none can be evaluated.
    """
    parameters = configuration.read(project, env)
    problem = configuration.problem(project, env, pipeline)
    tracker = configuration.tracker(parameters, project)
    model, alias = problem.name or parameters.tracking.model, parameters.tracking.alias
    known, objective = tracker.versions(model), problem.objective
    wanted = names or [alias, registry.CHALLENGER]
    versions = {each.number: each for each in (registry.find(known, name) for name in wanted)}

    configure_project(str(__package__))
    whole = pipelines[pipeline]
    steps = evaluation(whole, problem.model, problem.metrics)
    inputs = evaluation_inputs(whole, problem.model, problem.metrics)
    good: list[tuple[float, Version]] = []
    with scratch(project) as directory:
        run = partial(_run, project, env, pipeline, parameters.execution)
        run(whole.to_outputs(*inputs))
        for version in versions.values():
            shutil.rmtree(directory / MODEL, ignore_errors=True)
            tracker.model(model, str(version.number), directory)
            try:
                metrics = run(steps)[problem.metrics].load()
                value = comparable(objective.metric, float(metrics[objective.metric]))
                good.append((value, version))
            except (EdgeError, GateError, KeyError, StepError) as error:
                reason = message(error).splitlines()[0]
                yield f"could not compare  {_title(version)}: {reason}"
    if not good:
        raise TrackingError("no version can be evaluated on the data that conf/ declares")
    good.sort(key=lambda each: each[0], reverse=objective.mode == "max")
    for value, version in good:
        yield f"{objective.metric} {value!r}  {_title(version)}"
    best = good[0][1]
    if alias in best.aliases or len(versions) < 2:
        yield f"best: version {best.number}"
    elif promote:
        yield registry.promote(tracker, model, alias, str(best.number))
    else:
        yield f"best: version {best.number}; `models promote {best.number}` makes it {alias}"


def _run(
    project: Path, env: str | None, pipeline: str, execution: Execution, steps: Pipeline
) -> dict[str, Any]:
    """Run some steps of a pipeline, untracked, and return their outputs as datasets."""
    TRACKING.request = Request(tracked=False)
    names = [node.name for node in steps.nodes]
    return run_steps(project, env, {}, pipeline, execution, names)


def _title(version: Version) -> str:
    aliases = f" ({', '.join(version.aliases)})" if version.aliases else ""
    return f"version {version.number}{aliases}, trained {version.started:%Y-%m-%d %H:%M}"
