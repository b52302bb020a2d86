"""First green: from the command that generates a project to its own tests passing.

Once with uv's cache warm, and once with an empty cache, which measures mostly the network. A
project runs its tests by `nox -s tests`; one without a noxfile by `uv run pytest`, with every extra
and group. The repository that some projects need is created in between and not counted. Locking
asks the package index whatever the cache holds: wall time includes its answers.
"""

import tempfile
from pathlib import Path

from benchmarks.framework.figures import OURS, Figure, Options
from benchmarks.framework.timing import Cost, compare_costs, interleave, measure
from tests.support.template import snapshot

TAKES_PEERS = True
ROUNDS = 5
COLD_ROUNDS = 2
COMMIT = "git init -q && git add . && git commit -qm a"
NOX = ("nox", "-s", "tests")
PYTEST = ("uv", "run", "--all-extras", "--all-groups", "pytest")


def figures(options: Options) -> list[Figure]:
    """Measure this template and the peers, interleaved."""
    with tempfile.TemporaryDirectory() as name:
        # A checkout in use has caches, which would be copied into each project.
        templates = {OURS: snapshot(Path(name) / "template"), **options.peers}
        candidates = {each: lambda path=path: first_green(path) for each, path in templates.items()}
        warm = interleave(candidates, options.rounds or ROUNDS, notes=options.notes)
        warm_figures = compare_costs("cache warm", warm, dict.fromkeys(options.peers, 1.5))
        # No warm-up: its only purpose is to fill caches.
        rounds = min(options.rounds or COLD_ROUNDS, COLD_ROUNDS)
        candidates = {
            each: lambda path=templates[each]: first_green(path, cold=True) for each in warm
        }
        cold = interleave(candidates, rounds, warm_up=False)
        return warm_figures + compare_costs("cache cold", cold)


def first_green(template: Path, *, cold: bool = False) -> Cost:
    """Generate a project and run its tests."""
    # The cache is beside the project, on one file system, so that uv can link.
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        environ = {"UV_CACHE_DIR": str(directory / "cache")} if cold else {}
        out = directory / "out"
        command = ["cookiecutter", template, "--no-input", "--output-dir", out]
        cost = measure(command, directory, environ)
        (project,) = out.iterdir()
        measure(["sh", "-c", COMMIT], project)
        tests = NOX if (project / "noxfile.py").exists() else PYTEST
        return cost + measure(tests, project, environ)
