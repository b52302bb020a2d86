"""Run the pipeline from the command line: once, again as it was, or for each point of a sweep."""

import itertools
import json
import os
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..edge import EdgeError
from ..tracking.port import TrackingError
from . import configuration
from .gate import table
from .loader import Loader, Whole, merged
from .parameters import Dask, Execution, Processes, Threads

if TYPE_CHECKING:
    from kedro.runner import AbstractRunner

    from .hooks import Outcome

CAUSES = ("code", "code.changed", "lock", "data")
CHALLENGER = "challenger"


def run(project: Path, env: str | None, given: Mapping[str, Any]) -> "Outcome":
    """Run the whole pipeline, tracked.

    Args:
        project: The project's directory.
        env: Which directory of `conf/` goes over `base`.
        given: Parameters for this run only, nested.

    Raises:
        ConfigurationError: The configuration is refused; nothing was run.
        EdgeError: The data breaks its contract.
        GateError: The detector is not good enough.
        TrackingError: The run is over, but could not be delivered.
    """
    said = configuration.read(project, env, given)
    from kedro.framework.project import configure_project  # noqa: PLC0415 (heavy)
    from kedro.framework.session import KedroSession  # noqa: PLC0415
    from kedro.io import DatasetError  # noqa: PLC0415

    from .hooks import TRACKING  # noqa: PLC0415

    configure_project(str(__package__))
    try:
        session = KedroSession.create(project, env=env, runtime_params=dict(given))
        with session, warnings.catch_warnings():
            # Kedro's own reading of a model's fields.
            warnings.filterwarnings("ignore", "Accessing the 'model_fields'", DeprecationWarning)
            session.run(runner=runner(said.execution))
    except DatasetError as error:
        raise EdgeError(str(error)) from error
    if TRACKING.outcome is None:
        raise RuntimeError("the default pipeline gives no detector, metrics, leaderboard, verdict")
    return TRACKING.outcome


def train(project: Path, env: str | None, given: Mapping[str, Any]) -> Iterator[str]:
    """Run the whole pipeline, and say what came of it; the last line is ROC-AUC, every digit."""
    outcome = run(project, env, given)
    yield table(outcome.board)
    yield f"run {outcome.run}"
    yield f"ROC-AUC {outcome.roc_auc!r}"


def repeat(project: Path, env: str | None, past: str) -> Iterator[str]:
    """Run again what a run was given, and compare.

    Args:
        project: The project's directory.
        env: Which environment says where to track; all else is the old run's.
        past: Id of the run.

    Yields:
        What differs beside the parameters, then each metric, then ROC-AUC.

    Raises:
        TrackingError: There is no such run, or a metric differs.
    """
    said = configuration.read(project, env)
    before = configuration.tracker(said, project).recall(past)
    given = {
        name: Whole(section)
        for name, section in before.parameters.items()
        if name not in {"tracking", "execution"}
    }
    outcome = run(project, env, given)
    for cause in CAUSES:
        if before.tags.get(cause) != outcome.record.tags.get(cause):
            yield f"{cause} is {outcome.record.tags.get(cause)}, was {before.tags.get(cause)}"
    now = outcome.record.metrics
    for name, value in now.items():
        yield f"{name} {value!r}, was {before.metrics.get(name)!r}"
    yield f"run {outcome.run}"
    yield f"ROC-AUC {outcome.roc_auc!r}"
    if different := [name for name, value in now.items() if value != before.metrics.get(name)]:
        raise TrackingError(f"run {past} had another {', '.join(different)}")


def sweep(project: Path, env: str | None, given: Mapping[str, Any], name: str) -> Iterator[str]:
    """Run a sweep of `conf/`.

    Args:
        project: The project's directory.
        env: Which directory of `conf/` goes over `base`.
        given: Parameters for all its runs, nested.
        name: Of the sweep.

    Yields:
        A line for each run as soon as it is over, then the best one.

    Raises:
        ConfigurationError: There is no such sweep, or one of its points is refused; nothing ran.
    """
    said = configuration.read(project, env, given)
    places = [*points(project, env, name)]
    alias = {"tracking": {"alias": CHALLENGER}}
    trees = [merged(merged(given, configuration.nested(place)), alias) for place in places]
    for tree in trees:
        configuration.read(project, env, tree)
    best = (-1.0, "")
    for place, tree in zip(places, trees, strict=True):
        outcome = run(project, env, tree)
        best = max(best, (outcome.roc_auc, outcome.run))
        yield f"{outcome.roc_auc:.6f}  run {outcome.run}  {json.dumps(place)}"
    configuration.tracker(said, project).promote(said.tracking.model, said.tracking.alias, best[1])
    yield f"best run {best[1]}"
    yield f"ROC-AUC {best[0]!r}"


def points(project: Path, env: str | None, name: str) -> Iterator[dict[str, Any]]:
    """Combine the values of a sweep: dotted keys and a value for each."""
    sweeps = Loader(project / configuration.CONF, env)["sweeps"]
    if name not in sweeps:
        raise configuration.ConfigurationError(
            f"conf has no sweep {name!r}; there are {', '.join(sorted(sweeps))}"
        )
    axes: dict[str, list[Any]] = sweeps[name]
    for values in itertools.product(*axes.values()):
        yield dict(zip(axes, values, strict=True))


def runner(execution: Execution) -> "AbstractRunner":
    """Make the runner that the configuration names."""
    from kedro.runner import ParallelRunner, SequentialRunner, ThreadRunner  # noqa: PLC0415

    said = execution.runner
    if isinstance(said, Threads):
        return ThreadRunner(max_workers=said.workers)
    if isinstance(said, Processes):
        # A fork would copy the locks of Polars' threads, and hang on them.
        os.environ.setdefault("KEDRO_MP_CONTEXT", "spawn")
        return ParallelRunner(max_workers=said.workers)
    if isinstance(said, Dask):
        from . import dask_runner  # noqa: PLC0415

        return dask_runner.DaskRunner(said.address)
    return SequentialRunner()
