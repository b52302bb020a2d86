"""Pipeline: the first training, tracked and offline, beside a plain script that does the same.

CPU time of a whole process, in a project that is set up. The plain script calls the same functions
without Kedro and MLflow. A figure is the least of its runs, for other work only ever adds. Sizes
are of the environment without tools.
"""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.clock import Cost, in_turn, measure
from bench.figures import ONCE, ROOT, Figure, Options, of_bests, of_runs
from bench.projects import generate, install

ROUNDS = 3
PLAIN = "a plain script"
QUICK = {  # what: its words, its exit code, its budget in seconds
    "help": (["-m", "my_project", "--help"], 0, 1.2),
    "bad configuration refused, check alone": (
        ["-m", "my_project", "train", "--check", "--set", "training.seed=x"],
        1,
        0.5,
    ),
    "bad configuration refused, through Kedro": (
        ["-m", "kedro", "run", "--env", "base", "--params", "training.seed=x"],
        1,
        3.0,
    ),
}
OFFLINE = {"DO_NOT_TRACK": "true"}  # as the dev container and CI have it


def figures(options: Options) -> list[Figure]:
    """Measure in a new project."""
    rounds = options.rounds or ROUNDS
    with tempfile.TemporaryDirectory() as name:
        project = generate(Path(name), ml_pipeline=True)
        python = install(project, "--no-dev", "--python=3.11")
        size = sizes(project)
        measure([python, "-m", "my_project.pipeline"], project)
        train = [python, "-m", "my_project", "train"]
        first = measure(train, project)
        script = [python, ROOT / "bench" / "pipeline" / "plain.py", "my_project"]

        def afresh(command: Sequence[object]) -> Cost:
            shutil.rmtree(project / "runs" / "checkpoints", ignore_errors=True)
            return measure(command, project)

        ways = {"train": lambda: afresh(train), PLAIN: lambda: afresh(script)}
        costs = in_turn(ways, rounds)
        quick = in_turn(
            {
                what: lambda words=words, code=code: measure(  # type: ignore[misc]
                    [python, *words], project, OFFLINE, codes=(code,)
                )
                for what, (words, code, _) in QUICK.items()
            },
            max(rounds, 5),
        )
    ours, theirs = (cpu(costs[name]) for name in ("train", PLAIN))
    return [
        of_bests("train: CPU time, ratio", ours, theirs, min, against=PLAIN),
        of_runs("train: CPU time", ours, "s", target=10, pick=min),
        of_runs("train: CPU time", theirs, "s", of=PLAIN, pick=min),
        Figure("train, first of all: CPU time", first.cpu, "s", target=10, within=ONCE),
        *(
            of_runs(f"{what}: CPU time", cpu(found), "s", target=QUICK[what][2], pick=min)
            for what, found in quick.items()
        ),
        *size,
    ]


def cpu(costs: Sequence[Cost]) -> list[float]:
    """Take the CPU time of each run."""
    return [cost.cpu for cost in costs]


def sizes(project: Path) -> list[Figure]:
    """Tell how large the environment is, and of how many packages."""
    (site,) = (project / ".venv").glob("lib/*/site-packages")
    held = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    return [
        Figure("size installed", held / 10**6, "MB", target=550, within=0.02),
        Figure("packages installed", len([*site.glob("*.dist-info")]), target=90),
    ]
