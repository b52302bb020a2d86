"""Pipeline: the first training, tracked and offline, compared with a plain script.

CPU time of a whole process, in a project that is set up. The plain script calls the same functions
without Kedro and MLflow. A figure is the lowest of its runs, since other work only adds to it.
Sizes are of the environment without tools.
"""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.framework.figures import ONCE, Figure, Options, from_runs, ratio_of_bests
from benchmarks.framework.projects import EXPERIMENTS, generate, install
from benchmarks.framework.timing import Cost, interleave, measure

ROUNDS = 3
PLAIN = "a plain script"
QUICK = {  # name: arguments, exit code, target in seconds
    "an interpreter that does nothing": (["-c", "pass"], 0, 0.05),
    "help": (["-m", "my_project", "--help"], 0, 0.25),
    "help of train": (["-m", "my_project", "train", "--help"], 0, 0.25),
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
OFFLINE = {"DO_NOT_TRACK": "true"}  # as in the dev container and in CI


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
        script = [python, EXPERIMENTS / "plain_training.py", "my_project"]

        def train_anew(command: Sequence[object]) -> Cost:
            shutil.rmtree(project / "runs" / "checkpoints", ignore_errors=True)
            return measure(command, project)

        candidates = {"train": lambda: train_anew(train), PLAIN: lambda: train_anew(script)}
        costs = interleave(candidates, rounds)
        quick = interleave(
            {
                label: lambda arguments=arguments, code=code: measure(  # type: ignore[misc]
                    [python, *arguments], project, OFFLINE, codes=(code,)
                )
                for label, (arguments, code, _) in QUICK.items()
            },
            max(rounds, 5),
        )
    ours, theirs = (cpu(costs[name]) for name in ("train", PLAIN))
    return [
        ratio_of_bests("train: CPU time, ratio", ours, theirs, min, against=PLAIN, target=2.0),
        from_runs("train: CPU time", ours, "s", target=10, pick=min),
        from_runs("train: CPU time", theirs, "s", of=PLAIN, pick=min),
        Figure("train, first of all: CPU time", first.cpu, "s", target=10, within=ONCE),
        *(
            from_runs(f"{label}: CPU time", cpu(runs), "s", target=QUICK[label][2], pick=min)
            for label, runs in quick.items()
        ),
        *size,
    ]


def cpu(costs: Sequence[Cost]) -> list[float]:
    """Return the CPU time of each run."""
    return [cost.cpu for cost in costs]


def sizes(project: Path) -> list[Figure]:
    """Measure the size of the environment, and count its packages."""
    (site,) = (project / ".venv").glob("lib/*/site-packages")
    size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    return [
        Figure("size installed", size / 10**6, "MB", target=550, within=0.02),
        Figure("packages installed", len([*site.glob("*.dist-info")]), target=90),
    ]
