"""Try the steps without tracking: on one batch, on few rows, or with a profile."""

import cProfile
import pstats
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any, Literal

from . import configuration
from .declaration import Execution, Sequential
from .errors import GateError
from .hooks import TRACKING, Request
from .loader import merged
from .running import run_steps, scratch

ROWS = 1000
PROFILE = Path("runs/profile.pstats")
LINES = 15  # functions to print


def run(
    project: Path,
    env: str | None,
    given: Mapping[str, Any],
    pipeline: str,
    mode: Literal["batch", "rows", "profile"],
) -> Iterator[str]:
    """Run all steps in this process; nothing is tracked, registered or kept.

    Args:
        project: Directory of the project.
        env: Directory of `conf/` that overrides `base`.
        given: Parameters for this run only, nested.
        pipeline: Name of the pipeline.
        mode: Take the first rows of each table (`rows`), and one epoch too (`batch`), or take all
            and measure each function (`profile`).

    Yields:
        The metrics, seconds of each step, and what the gate would say.
    """
    parameters = configuration.read(project, env, given)
    if mode == "batch" and (epochs := _one_epoch(parameters.model_dump())):
        given = merged(given, epochs)
    configuration.problem(project, env, pipeline)
    execution = Execution(runner=Sequential())
    TRACKING.request = Request(tracked=False, rows=None if mode == "profile" else ROWS)
    profiler = cProfile.Profile()
    with scratch(project):
        if mode == "profile":
            profiler.enable()
        try:
            run_steps(project, env, given, pipeline, execution)
        except GateError as error:
            yield f"the gate would reject it: {str(error).splitlines()[0]}"
        finally:
            profiler.disable()
    yield from (f"{name} {value!r}" for name, value in TRACKING.metrics.items())
    yield from (f"{seconds:8.2f} s  {step}" for step, seconds in TRACKING.seconds.items())
    if mode == "profile":
        (project / PROFILE).parent.mkdir(exist_ok=True)
        profiler.dump_stats(project / PROFILE)
        text = StringIO()
        pstats.Stats(profiler, stream=text).sort_stats("tottime").print_stats(LINES)
        yield text.getvalue().strip()
        yield f"profile in {PROFILE}"
    yield "a debug run: nothing was tracked"


def _one_epoch(tree: Any) -> dict[str, Any]:
    """Return parameters that set every number of epochs of a model to one."""
    if not isinstance(tree, dict):
        return {}
    inner = {name: _one_epoch(value) for name, value in tree.items()}
    found = {name: value for name, value in inner.items() if value}
    return found | {"epochs": 1} if isinstance(tree.get("epochs"), int) else found
