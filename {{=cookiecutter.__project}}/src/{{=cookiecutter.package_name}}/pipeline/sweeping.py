"""Run a sweep: a row for each point, one parent run for all, and the best model as challenger."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..edge import EdgeError
from ..tracking import registry
from ..tracking.database import without_password
from ..tracking.outbox import acquire_lock
from ..tracking.record import FILE, REPORT, Record
from . import assigning, configuration
from .errors import ConfigurationError, GateError, StepError
from .loader import merged
from .running import run
from .search import Point, Sweep, next_point

if TYPE_CHECKING:
    from .hooks import Request

SWEEPS = Path("runs/sweeps")
ROWS = "rows.jsonl"


@dataclass(frozen=True)
class Row:
    """A point of a sweep that was run.

    Attributes:
        point: Its parameters, by dotted keys.
        status: How it ended: `accepted`, `rejected` by the gate, or `failed`.
        value: Metric by which the sweep chooses; None if it was not measured.
        run: ID of its run; empty unless it was accepted.
        reason: Why it was not accepted, in one line.
    """

    point: Point
    status: str
    value: float | None
    run: str = ""
    reason: str = ""

    def __str__(self) -> str:
        value = "-" if self.value is None else f"{self.value:.6f}"
        end = f"run {self.run}" if self.run else f"{self.status}: {self.reason}"
        return f"{value:>10}  {json.dumps(self.point)}  {end}"


def sweep(
    project: Path, env: str | None, given: Mapping[str, Any], name: str, pipeline: str
) -> Iterator[str]:
    """Run a sweep that `conf/` declares, or go on with it where it stopped.

    Args:
        project: Directory of the project.
        env: Directory of `conf/` that overrides `base`.
        given: Parameters for all runs of the sweep, nested.
        name: Name of the sweep.
        pipeline: Name of the pipeline.

    Yields:
        A line for each point when it ends, then the best one.

    Raises:
        ConfigurationError: The sweep does not exist, or one of its points is invalid; nothing ran.
        GateError: No point was accepted.
        TrackingError: A run could not be delivered; the same command goes on.
    """
    from .hooks import Request, command, user  # slow import

    declared = check(project, env, given, name)
    parameters = configuration.read(project, env, given)
    problem = configuration.problem(project, env, pipeline)
    objective = problem.objective
    identity = {
        "sweep": declared.model_dump(mode="json"),
        "parameters": parameters.model_dump(mode="json", exclude={"tracking", "execution"}),
        "pipeline": pipeline,
        "store": without_password(parameters.tracking.uri),
    }
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    directory = project / SWEEPS / f"{name}-{digest[:12]}"
    tracker = configuration.tracker(parameters, project)
    parent = Record(
        name=directory.name,
        label=f"sweep {name}",
        started=datetime.now(UTC),
        ended=datetime.now(UTC),
        status="killed",  # until it reports otherwise
        experiment=problem.name or parameters.tracking.experiment,
        model="",
        alias=parameters.tracking.alias,
        metric=objective.metric,
        mode=objective.mode,
        source=command(),
        user=user(),
        parameters=identity,
        tags={"sweep": name},
    )
    (directory / REPORT).mkdir(parents=True, exist_ok=True)
    with closing(acquire_lock(directory)):
        rows = _read(directory)
        if not (directory / FILE).exists():
            tracker.deliver(parent, directory)
        parent = Record.read(directory)  # with the ID of its run
        for row in rows:
            yield f"{row}  (ran before)"
        tried = [(row.point, row.value) for row in rows]
        while (point := next_point(declared, tried, objective.mode)) is not None:
            tree = merged(given, assigning.nested(point))
            tree, _ = assigning.completed(project, env, tree)
            label = f"{name} {len(rows) + 1}"
            request = Request(candidate=False, label=label, parent=parent.run, tags={"sweep": name})
            row = _try(project, env, tree, pipeline, point, request, objective.selected)
            _append(directory, row)
            rows.append(row)
            tried.append((point, row.value))
            yield str(row)
        accepted = [row for row in rows if row.status == "accepted"]
        best: Row | None = None
        for row in accepted:
            if best is None or objective.is_better(row.value or 0, best.value or 0):
                best = row
        report = [asdict(row) for row in rows]
        (directory / REPORT / "sweep.json").write_text(json.dumps(report, indent=2) + "\n")
        update: dict[str, Any] = {"ended": datetime.now(UTC), "status": "failed"}
        if best:
            update["status"] = "finished"
            update["metrics"] = {objective.selected: best.value}
            update["tags"] = {**parent.tags, "best": best.run}
        tracker.deliver(parent.model_copy(update=update), directory)
        if best:
            model = problem.name or parameters.tracking.model
            nominated = registry.nominate(tracker, model, parameters.tracking.alias, best.run)
    shutil.rmtree(directory)
    if best is None:
        raise GateError(f"no point of the sweep {name} was accepted")
    yield f"best run {best.run}"
    yield nominated
    yield f"{objective.selected} {best.value!r}"


def check(project: Path, env: str | None, given: Mapping[str, Any], name: str) -> Sweep:
    """Return a sweep of which every value is valid.

    Raises:
        ConfigurationError: It does not exist, or a value is invalid or set by `--set` too.
    """
    declared = configuration.sweep(project, env, name)
    for key in declared.axes:
        section: Any = given
        for part in key.split("."):
            section = section.get(part) if isinstance(section, Mapping) else None
        if section is not None:
            raise ConfigurationError(
                f"--set {key} has no effect: the sweep {name} sets it for each point"
            )
    for point in declared.extremes():
        tree, _ = assigning.completed(project, env, merged(given, assigning.nested(point)))
        configuration.read(project, env, tree, origin=f"sweep {name}")
    return declared


def _try(
    project: Path,
    env: str | None,
    tree: Mapping[str, Any],
    pipeline: str,
    point: Point,
    request: "Request",
    metric: str,
) -> Row:
    """Run a point; one that fails is a row too, with the metric if it was measured before."""
    from .hooks import TRACKING  # slow import

    try:
        outcome = run(project, env, tree, pipeline, request)
    except (GateError, EdgeError, StepError, MemoryError) as error:
        status = "rejected" if isinstance(error, GateError) else "failed"
        return Row(point, status, TRACKING.metrics.get(metric), reason=str(error).splitlines()[0])
    return Row(point, "accepted", outcome.selected, outcome.run)


def _read(directory: Path) -> list[Row]:
    """Read the rows of an interrupted sweep; a line that was cut off is left out."""
    file = directory / ROWS
    rows = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        try:
            rows.append(Row(**json.loads(line)))
        except (TypeError, ValueError):
            break
    file.write_text("".join(f"{json.dumps(asdict(row))}\n" for row in rows), encoding="utf-8")
    return rows


def _append(directory: Path, row: Row) -> None:
    with (directory / ROWS).open("a", encoding="utf-8") as file:
        file.write(f"{json.dumps(asdict(row))}\n")
        file.flush()
        os.fsync(file.fileno())
