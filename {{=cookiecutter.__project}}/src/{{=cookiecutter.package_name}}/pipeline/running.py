"""Running the pipeline from the command line, without Kedro's own."""

import os
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..edge import EdgeError
from . import configuration
from .gate import table
from .parameters import Dask, Execution, Processes, Threads

if TYPE_CHECKING:
    from kedro.runner import AbstractRunner

    from .hooks import Outcome


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
        from ..runners import dask_runner  # noqa: PLC0415

        return dask_runner.DaskRunner(said.address)
    return SequentialRunner()
