"""Compare registered models on the same data: that which `conf/` declares now."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kedro.framework.project import configure_project, pipelines
from kedro.framework.session import KedroSession
from kedro.io import DatasetError

from ..edge import EdgeError
from ..tracking import registry
from ..tracking.port import Tracker, TrackingError, Version
from ..tracking.record import MODEL
from . import configuration
from .declaration import Problem, Tracking
from .errors import message
from .evaluated import evaluation, evaluation_inputs
from .loader import OUTBOX, new_name
from .running import runner


@dataclass(frozen=True)
class Evaluated:
    """A version and its value on the data of the comparison.

    Attributes:
        version: The version.
        value: Its value; None if it cannot be evaluated on this data.
        note: What to know about the value.
    """

    version: Version
    value: float | None
    note: str = ""


def compare(
    project: Path,
    env: str | None,
    tracker: Tracker,
    tracking: Tracking,
    names: list[str],
    *,
    pipeline: str = configuration.DEFAULT,
    promote: bool = False,
) -> Iterator[str]:
    """Evaluate versions of a model on the data that `conf/` declares.

    Args:
        project: Directory of the project.
        env: Directory of `conf/` that overrides `base`.
        tracker: Tracker with the registry.
        tracking: Names of the model and of its alias.
        names: Numbers, aliases or runs; none for the champion and the challenger.
        pipeline: Name of the pipeline whose problem the models solve.
        promote: Whether the best version becomes champion.

    Yields:
        A line for each version, the best first, then which one is best.

    Raises:
        TrackingError: A version does not exist, or none can be evaluated.
    """
    known = tracker.versions(tracking.model)
    wanted = names or [tracking.alias, registry.CHALLENGER]
    versions = {each.number: each for each in (registry.find(known, name) for name in wanted)}
    problem = configuration.problem(project, env, pipeline)
    objective, chosen = problem.objective, [*versions.values()]
    evaluated = [*_evaluate(project, env, tracker, tracking.model, chosen, pipeline, problem)]
    good = [each for each in evaluated if each.value is not None]
    good.sort(key=lambda each: each.value or 0.0, reverse=objective.mode == "max")
    for each in good:
        yield f"{objective.metric} {each.value!r}  {_title(each.version)}{each.note}"
    for each in evaluated:
        if each.value is None:
            yield f"could not compare  {_title(each.version)}: {each.note}"
    if not good:
        raise TrackingError("no version can be evaluated on the data that conf/ declares")
    best = good[0].version
    if tracking.alias in best.aliases or len(evaluated) < 2:
        yield f"best: version {best.number}"
    elif promote:
        yield registry.promote(tracker, tracking.model, tracking.alias, str(best.number))
    else:
        yield f"best: version {best.number}; `models promote {best.number}` makes it {tracking.alias}"


def _evaluate(
    project: Path,
    env: str | None,
    tracker: Tracker,
    model: str,
    versions: list[Version],
    name: str,
    problem: Problem,
) -> Iterator[Evaluated]:
    parameters = configuration.read(project, env)
    configure_project(str(__package__))
    pipeline = pipelines[name]
    steps = evaluation(pipeline, problem.model, problem.metrics)
    data = pipeline.to_outputs(*evaluation_inputs(pipeline, problem.model, problem.metrics))
    with _scratch(project) as directory:
        _run(project, env, name, data, runner(parameters.execution))
        for version in versions:
            shutil.rmtree(directory / MODEL, ignore_errors=True)
            tracker.model(model, str(version.number), directory)
            try:
                outputs = _run(project, env, name, steps, runner(parameters.execution))
            except (ValueError, EdgeError) as error:
                yield Evaluated(version, None, message(error).splitlines()[0])
                continue
            yield Evaluated(
                version, float(outputs[problem.metrics].load()[problem.objective.metric])
            )


def _run(project: Path, env: str | None, name: str, steps: Any, how: Any) -> dict[str, Any]:
    """Run some steps, untracked, and return their outputs as datasets."""
    try:
        with KedroSession.create(project, env=env) as session:
            names = [node.name for node in steps.nodes]
            outputs: dict[str, Any] = session.run(
                pipeline_names=[name], node_names=names, runner=how
            )
    except DatasetError as error:
        raise EdgeError(str(error)) from error
    return outputs


@contextmanager
def _scratch(project: Path) -> Iterator[Path]:
    """Yield the directory of an untracked run, which is removed at the end."""
    before, name = os.environ.get("PIPELINE_RUN"), new_name()
    directory = project / OUTBOX / name
    os.environ["PIPELINE_RUN"] = name
    try:
        directory.mkdir(parents=True)
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        os.environ.pop("PIPELINE_RUN")
        if before is not None:
            os.environ["PIPELINE_RUN"] = before


def _title(version: Version) -> str:
    aliases = f" ({', '.join(version.aliases)})" if version.aliases else ""
    return f"version {version.number}{aliases}, trained {version.started:%Y-%m-%d %H:%M}"
