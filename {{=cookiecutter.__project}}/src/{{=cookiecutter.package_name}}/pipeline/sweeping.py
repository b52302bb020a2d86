"""Run a sweep: a row for each point, one parent run for all, and the best model as challenger."""

import hashlib
import json
import math
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar

from ..edge import EdgeError
from ..tracking import registry
from ..tracking.database import without_password
from ..tracking.outbox import acquire_lock
from ..tracking.record import FILE, REPORT, Record
from . import assigning, configuration
from .errors import ConfigurationError, GateError, StepError, comparable
from .loader import Files, files_read, merged, read_once
from .running import run
from .search import Point, Sweep, next_point

SWEEPS = Path("runs/sweeps")
ROWS = "rows.jsonl"
P = ParamSpec("P")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Row:
    """A point of a sweep that was run.

    Attributes:
        number: Its position in the sweep, from 0.
        point: Its parameters, by dotted keys.
        status: How it ended: `accepted`, `rejected` by the gate, or `failed`.
        value: Metric by which the sweep chooses; None if it was not measured.
        run: ID of its run; empty unless it was accepted.
        reason: Why it was not accepted, in one line.
    """

    number: int
    point: Point
    status: str
    value: float | None
    run: str = ""
    reason: str = ""

    def __str__(self) -> str:
        value = "-" if self.value is None else f"{self.value:.6f}"
        end = f"run {self.run}" if self.run else f"{self.status}: {self.reason}"
        return f"{value:>10}  {json.dumps(self.point)}  {end}"


@dataclass(frozen=True)
class Job:
    """What all points of a sweep have in common; other processes get a copy.

    Attributes:
        project: Directory of the project.
        env: Directory of `conf/` that overrides `base`.
        given: Parameters for all runs, nested.
        pipeline: Name of the pipeline.
        metric: Metric by which the sweep chooses.
        parent: ID of the parent run.
        tags: Tags of all runs, with the name of the sweep.
        files: What `conf/` contained when the sweep began; empty to read it anew.
    """

    project: Path
    env: str | None
    given: Mapping[str, Any]
    pipeline: str
    metric: str
    parent: str | None
    tags: Mapping[str, str]
    files: Files


def sweep(
    project: Path,
    env: str | None,
    given: Mapping[str, Any],
    name: str,
    pipeline: str,
    experiment: str | None = None,
) -> Iterator[str]:
    """Run a sweep that `conf/` declares, or go on with it where it stopped.

    Args:
        project: Directory of the project.
        env: Directory of `conf/` that overrides `base`.
        given: Parameters for all runs of the sweep, nested.
        name: Name of the sweep.
        pipeline: Name of the pipeline.
        experiment: Name of the experiment that declares some of the parameters, to be recorded.

    Yields:
        A line for each point when it ends, then the best one.

    Raises:
        ConfigurationError: The sweep does not exist, or one of its points is invalid; nothing ran.
        EdgeError: A process of several was killed; the same command goes on.
        GateError: No point was accepted.
        TrackingError: A run could not be delivered; the same command goes on.
    """
    from .hooks import command, user  # slow import

    declared = check(project, env, given, name)
    parameters = configuration.read(project, env, given)
    problem = configuration.problem(project, env, pipeline)
    objective = problem.objective
    identity = {
        "sweep": declared.model_dump(mode="json", exclude={"workers"}),
        "batch": declared.batch,
        "parameters": parameters.model_dump(mode="json", exclude={"tracking", "execution"}),
        "pipeline": pipeline,
        "store": without_password(parameters.tracking.uri),
    }
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    directory = project / SWEEPS / f"{name}-{digest[:12]}"
    tracker = configuration.tracker(parameters, project)
    tags = {"sweep": name, **({"experiment": experiment} if experiment else {})}
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
        tags=tags,
    )
    (directory / REPORT).mkdir(parents=True, exist_ok=True)
    with closing(acquire_lock(directory)):
        rows = _read(directory)
        if not (directory / FILE).exists():
            tracker.deliver(parent, directory)
        parent = Record.read(directory)  # with the ID of its run
        for row in rows:
            yield f"{row}  (ran before)"
        configuration.section(project, env, "catalog")  # all else was read above
        files = files_read()
        job = Job(project, env, given, pipeline, objective.selected, parent.run, tags, files)
        for row in _run(declared, objective.mode, rows, job):
            _append(directory, row)
            rows.append(row)
            yield str(row)
        rows.sort(key=lambda row: row.number)  # of equal points the first is the best
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


def refuse_set_axes(project: Path, env: str | None, given: Mapping[str, Any], name: str) -> None:
    """Refuse a parameter of `--set` that a sweep sets for each point.

    Raises:
        ConfigurationError: There is one, or the sweep does not exist.
    """
    for key in configuration.sweep(project, env, name).axes:
        section: Any = given
        for part in key.split("."):
            section = section.get(part) if isinstance(section, Mapping) else None
        if section is not None:
            raise ConfigurationError(
                f"--set {key} has no effect: the sweep {name} sets it for each point"
            )


def check(project: Path, env: str | None, given: Mapping[str, Any], name: str) -> Sweep:
    """Return a sweep of which every value is valid.

    Raises:
        ConfigurationError: It does not exist, or a value is invalid.
    """
    declared = configuration.sweep(project, env, name)
    for point in declared.extremes():
        tree, _ = assigning.completed(project, env, merged(given, assigning.nested(point)))
        configuration.read(project, env, tree, origin=f"sweep {name}")
    return declared


def _run(
    declared: Sweep, mode: Literal["max", "min"], before: Sequence[Row], job: Job
) -> Iterator[Row]:
    """Run the points that have no row, and yield their rows in the order in which they end."""
    rows = {row.number: row for row in before}
    points = {row.number: row.point for row in before}
    waiting = (number for number in range(declared.size) if number not in rows)
    upcoming = next(waiting, None)
    running: dict[Future[Row], int] = {}
    with _executor(declared.workers) as executor:
        while running or upcoming is not None:
            while upcoming is not None and len(running) < declared.workers:
                # Whatever ended first, a point is chosen by the values of the batches before.
                known = upcoming - upcoming % declared.batch
                if any(number not in rows for number in range(known)):
                    break
                tried = [
                    (points.get(number, {}), rows[number].value if number < known else None)
                    for number in range(upcoming)
                ]
                point = next_point(declared, tried, mode)
                if point is None:
                    return
                points[upcoming] = point
                running[executor.submit(_try, job, upcoming, point)] = upcoming
                upcoming = next(waiting, None)
            try:
                for done in wait(running, return_when=FIRST_COMPLETED).done:
                    number = running.pop(done)
                    rows[number] = done.result()
                    yield rows[number]
            except BrokenProcessPool as error:
                raise EdgeError(
                    "a process of the sweep was killed, as for too much memory: set fewer "
                    "`workers`; the same command goes on"
                ) from error


def _executor(workers: int) -> Executor:
    """Return what runs the points: this process, or several, as a session of Kedro is global."""
    if workers == 1:
        return _Here()
    # A fork would copy the locks of the threads of Polars, and deadlock.
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))


class _Here(Executor):
    """Runs a call in this process, when it is submitted."""

    def submit(
        self, fn: Callable[P, Result], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[Result]:
        """Call, and return what is done."""
        done: Future[Result] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


def _try(job: Job, number: int, point: Point) -> Row:
    """Run a point; one that fails is a row too, with the metric if it was measured before."""
    from .hooks import TRACKING, Request  # slow import

    label = f"{job.tags['sweep']} {number + 1}"
    request = Request(candidate=False, label=label, parent=job.parent, tags=job.tags)
    try:
        with read_once(job.files):
            tree = merged(job.given, assigning.nested(point))
            tree, _ = assigning.completed(job.project, job.env, tree)
            outcome = run(job.project, job.env, tree, job.pipeline, request)
            value = comparable(job.metric, outcome.selected)
    except (GateError, EdgeError, StepError, MemoryError) as error:
        status = "rejected" if isinstance(error, GateError) else "failed"
        measured = TRACKING.metrics.get(job.metric, math.nan)
        reason = str(error).splitlines()[0]
        return Row(number, point, status, None if math.isnan(measured) else measured, reason=reason)
    return Row(number, point, "accepted", value, outcome.run)


def _read(directory: Path) -> list[Row]:
    """Read the rows of an interrupted sweep, and remove a line that was cut off."""
    file = directory / ROWS
    rows: list[Row] = []
    if not file.exists():
        return rows
    size = 0
    for line in file.read_bytes().splitlines(keepends=True):
        try:
            row = Row(**json.loads(line))
        except (TypeError, ValueError):
            break
        if not line.endswith(b"\n"):
            break
        rows.append(row)
        size += len(line)
    os.truncate(file, size)  # never written anew: a power cut then would lose all rows
    return rows


def _append(directory: Path, row: Row) -> None:
    with (directory / ROWS).open("a", encoding="utf-8") as file:
        file.write(f"{json.dumps(asdict(row))}\n")
        file.flush()
        os.fsync(file.fileno())
