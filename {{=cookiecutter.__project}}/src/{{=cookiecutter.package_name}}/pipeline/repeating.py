"""Repeat a run with the same parameters and compare the metrics."""

from collections.abc import Iterator
from pathlib import Path

from ..tracking.port import TrackingError
from . import configuration
from .loader import Whole
from .running import run

INPUTS = ("code", "code.changed", "lock", "data")


def repeat(project: Path, env: str | None, past: str) -> Iterator[str]:
    """Repeat a run and compare.

    Args:
        project: Directory of the project.
        env: Environment with the tracker; all other parameters are those of the old run.
        past: ID of the old run.

    Yields:
        Lines with changed inputs, then each metric, then ROC-AUC.

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
    outcome = run(project, env, given)
    for name in INPUTS:
        if before.tags.get(name) != outcome.record.tags.get(name):
            yield f"{name} is {outcome.record.tags.get(name)}, was {before.tags.get(name)}"
    now = outcome.record.metrics
    for name, value in now.items():
        yield f"{name} {value!r}, was {before.metrics.get(name)!r}"
    yield f"run {outcome.run}"
    yield f"ROC-AUC {outcome.roc_auc!r}"
    if different := [name for name, value in now.items() if value != before.metrics.get(name)]:
        raise TrackingError(f"run {past} had a different {', '.join(different)}")
