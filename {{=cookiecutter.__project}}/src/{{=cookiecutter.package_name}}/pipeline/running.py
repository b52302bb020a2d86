"""Run the pipeline from the command line of the project, without the one of Kedro."""

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
    """Run and track the whole pipeline.

    Args:
        project: Directory of the project.
        env: Directory of `conf/` that overrides `base`.
        given: Parameters for this run only, nested.

    Raises:
        ConfigurationError: The configuration is invalid; nothing was run.
        EdgeError: The data violates its contract.
        GateError: The detector is not good enough.
        TrackingError: The run ended but could not be delivered.
    """
    parameters = configuration.read(project, env, given)
    from kedro.framework.project import configure_project  # noqa: PLC0415 (slow import)
    from kedro.framework.session import KedroSession  # noqa: PLC0415
    from kedro.io import DatasetError  # noqa: PLC0415

    from .hooks import TRACKING  # noqa: PLC0415

    configure_project(str(__package__))
    try:
        session = KedroSession.create(project, env=env, runtime_params=dict(given))
        with session, warnings.catch_warnings():
            # Kedro reads the fields of a model in a deprecated way.
            warnings.filterwarnings("ignore", "Accessing the 'model_fields'", DeprecationWarning)
            session.run(runner=runner(parameters.execution))
    except DatasetError as error:
        raise EdgeError(str(error)) from error
    if TRACKING.outcome is None:
        raise RuntimeError("the default pipeline lacks one of the outputs that are tracked")
    return TRACKING.outcome


def train(project: Path, env: str | None, given: Mapping[str, Any]) -> Iterator[str]:
    """Run the whole pipeline and yield lines of its result; the last one is the exact ROC-AUC."""
    outcome = run(project, env, given)
    yield table(outcome.board)
    yield f"run {outcome.run}"
    yield f"ROC-AUC {outcome.roc_auc!r}"


def runner(execution: Execution) -> "AbstractRunner":
    """Create the runner that the configuration declares."""
    from kedro.runner import ParallelRunner, SequentialRunner, ThreadRunner  # noqa: PLC0415

    declared = execution.runner
    if isinstance(declared, Threads):
        return ThreadRunner(max_workers=declared.workers)
    if isinstance(declared, Processes):
        # A fork would copy the locks of the threads of Polars, and deadlock.
        os.environ.setdefault("KEDRO_MP_CONTEXT", "spawn")
        return ParallelRunner(max_workers=declared.workers)
    if isinstance(declared, Dask):
        from ..runners import dask_runner  # noqa: PLC0415

        return dask_runner.DaskRunner(declared.address)
    return SequentialRunner()
