"""Sweeps: every combination of some parameters, each run tracked, the best one promoted."""

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
