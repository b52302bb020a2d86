"""The three problems of the tests on each runner and two versions of Python: the same figures."""

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from devkit.tests.support.ports import free_port
from tests.pipeline.conftest import Project, install
from tests.pipeline.test_problems import add_problems
from tests.pipeline.test_python import NUMERIC, OTHER, interpreter
from tests.support.container import UV, succeed
from tests.support.render import by_api
from tests.support.servers import is_listening, wait_for
from tests.support.template import snapshot

FIRST = "3.11"
PROBLEMS = {"__default__": "detector of anomalies", "wine": "classifier", "sea": "forecast"}
# The runners by the version of Python.
RUNNERS = {FIRST: ("sequential", "thread", "parallel", "dask"), OTHER: ("sequential", "parallel")}
FAILED = "failed: "
Row = tuple[str, str, str, str]  # problem, Python, runner, figure
PAGE = Path("docs/reference/foreign/runners.md")
HEAD = """\
# Figures on each runner

`nox -s foreign -- runners` writes this page. It trains the example of a project, and the classifier
and the walk-forward forecast of the tests, on real data that packages ship, with each runner and
with a second version of Python. Dask has a scheduler and two workers in processes of their own. All
have the NumPy, SciPy, scikit-learn and Polars that the lock has for the first Python, since other
versions of these may round otherwise. The figures are the objectives, to the last digit.

| Problem | Python | Runner | Objective |
| --- | --- | --- | --- |
"""


def main(arguments: Sequence[str]) -> int:
    """Train everywhere, and write the page; return 1 if a figure differs."""
    if arguments:
        print(f"error: unexpected arguments: {' '.join(arguments)}")
        return 2
    found: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="hangar-foreign-") as temporary:
        template = Path(temporary) / "template"
        snapshot(template)
        pins: list[str] = []
        for python in RUNNERS:
            place = Path(temporary) / python
            place.mkdir()
            project = set_up(template, place, python, pins)
            pins = pins or numeric(project)
            for row in figures(project, python):
                found.append(row)
                print(*row, flush=True)
    return write(found)


def write(found: Sequence[Row]) -> int:
    """Write the page; return 1 if a figure differs, or a run failed."""
    lines = [
        f"| {title} | {python} | {runner} | {figure} |"
        for name, title in PROBLEMS.items()
        for problem, python, runner, figure in found
        if problem == name
    ]
    by_problem = [{figure for problem, *_, figure in found if problem == name} for name in PROBLEMS]
    same = sum(
        len(each) == 1 and not any(figure.startswith(FAILED) for figure in each)
        for each in by_problem
    )
    result = f"\n{same} of {len(PROBLEMS)} problems have one figure everywhere.\n"
    PAGE.write_text(HEAD + "\n".join(lines) + "\n" + result, encoding="utf-8")
    return 0 if same == len(PROBLEMS) else 1


def set_up(template: Path, place: Path, python: str, pins: Sequence[str]) -> Project:
    """Install a project with the three problems."""
    root = by_api(template, place, {"ml_pipeline": True})
    add_problems(root)
    path = interpreter() if python == OTHER else python
    project = Project(root, install(root, "--extra=dask", python=path))
    if pins:
        program = project.bin / "python"
        succeed(UV, "pip", "install", "--quiet", f"--python={program}", *pins)
    succeed(project.bin / "python", "-m", "my_project.pipeline", cwd=root)
    return project


def numeric(project: Project) -> list[str]:
    """Return the versions of what computes."""
    freeze = succeed(UV, "pip", "freeze", f"--python={project.bin / 'python'}")
    return [line for line in freeze.splitlines() if line.partition("==")[0] in NUMERIC]


def figures(project: Project, python: str) -> Iterator[Row]:
    """Yield the figure of each problem with each runner."""
    with dask(project) if "dask" in RUNNERS[python] else nullcontext("") as address:
        for name in PROBLEMS:
            for runner in RUNNERS[python]:
                yield name, python, runner, train(project, name, runner, address)


def train(project: Project, pipeline: str, runner: str, address: str) -> str:
    """Train, and return the objective as it is printed, or why there is none."""
    where = ("--env", "dask") if runner == "dask" else ("--set", f"execution.runner.type={runner}")
    done = project.runs(
        "train", "--pipeline", pipeline, *where, env={"DASK_SCHEDULER_ADDRESS": address}
    )
    match = re.search(r"^(\w+ \S+)\n\Z", done.out, re.MULTILINE)
    if match and not done.code:
        return match[1]
    return FAILED + (done.err.splitlines() or [f"exit code {done.code}"])[-1]


@contextmanager
def dask(project: Project) -> Iterator[str]:
    """Yield the address of a scheduler with two workers."""
    port = free_port()
    address, program = f"tcp://127.0.0.1:{port}", str(project.bin / "dask")
    local = ("--no-dashboard", "--host=127.0.0.1")
    started: list[subprocess.Popen[str]] = []
    try:
        started.append(project.start(program, "scheduler", f"--port={port}", *local))
        wait_for(lambda: is_listening(port), 300)
        worker = (program, "worker", address, "--nthreads=1", *local)
        started += [project.start(*worker) for _ in range(2)]
        yield address
    finally:
        for process in reversed(started):
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(60)
