"""Repeating a run: the same parameters again, and whether the same metrics come out."""

from collections.abc import Iterator
from pathlib import Path

from ..tracking.port import TrackingError
from . import configuration
from .loader import Whole
from .running import run

CAUSES = ("code", "code.changed", "lock", "data")


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
