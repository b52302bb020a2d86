"""First green: from the command that generates a project to its own tests passing.

Once with uv's cache warm, once with an empty one, which is mostly the network. A project tests
itself by `nox -s tests`; one without a noxfile by `uv run pytest`, with every extra and group. The
repository that some need is made between, untold. A lock asks the package index, whatever the cache
has: wall time has its answers.
"""

import tempfile
from pathlib import Path

from bench.clock import Cost, beside, in_turn, measure
from bench.figures import OURS, Figure, Options
from tests.support.template import snapshot

TAKES_PEERS = True
ROUNDS = 5
COLD_ROUNDS = 2
COMMIT = "git init -q && git add . && git commit -qm a"
NOX = ("nox", "-s", "tests")
PYTEST = ("uv", "run", "--all-extras", "--all-groups", "pytest")


def figures(options: Options) -> list[Figure]:
    """Measure this template and the peers in turn."""
    with tempfile.TemporaryDirectory() as name:
        # A checkout in use has caches, which would be copied into each project.
        templates = {OURS: snapshot(Path(name) / "template"), **options.peers}
        ways = {each: lambda path=path: first_green(path) for each, path in templates.items()}
        warm = in_turn(ways, options.rounds or ROUNDS, notes=options.notes)
        found = beside("cache warm", warm, dict.fromkeys(options.peers, 1.2))
        # The first round, which only fills caches, would be of no use here.
        rounds = min(options.rounds or COLD_ROUNDS, COLD_ROUNDS)
        ways = {each: lambda path=templates[each]: first_green(path, cold=True) for each in warm}
        return found + beside("cache cold", in_turn(ways, rounds, fill=False))


def first_green(template: Path, *, cold: bool = False) -> Cost:
    """Generate a project and test it."""
    # The cache is beside the project, on one file system, so that uv can link.
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        environ = {"UV_CACHE_DIR": str(place / "cache")} if cold else {}
        out = place / "out"
        command = ["cookiecutter", template, "--no-input", "--output-dir", out]
        cost = measure(command, place, environ)
        (project,) = out.iterdir()
        measure(["sh", "-c", COMMIT], project)
        tests = NOX if (project / "noxfile.py").exists() else PYTEST
        return cost + measure(tests, project, environ)
