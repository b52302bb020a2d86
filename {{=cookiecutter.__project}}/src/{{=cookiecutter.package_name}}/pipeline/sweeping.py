"""Sweeps: run every combination of some parameters, and promote the best run."""

import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from . import configuration
from .loader import Loader, merged
from .running import run

CHALLENGER = "challenger"


def sweep(project: Path, env: str | None, given: Mapping[str, Any], name: str) -> Iterator[str]:
    """Run a sweep that `conf/` declares.

    Args:
        project: Directory of the project.
        env: Directory of `conf/` that overrides `base`.
        given: Parameters for all runs of the sweep, nested.
        name: Name of the sweep.

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
    best = (-1.0, "")
    for point, tree in zip(combinations, trees, strict=True):
        outcome = run(project, env, tree)
        best = max(best, (outcome.roc_auc, outcome.run))
        yield f"{outcome.roc_auc:.6f}  run {outcome.run}  {json.dumps(point)}"
    tracking = parameters.tracking
    configuration.tracker(parameters, project).promote(tracking.model, tracking.alias, best[1])
    yield f"best run {best[1]}"
    yield f"ROC-AUC {best[0]!r}"


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
