"""First green: from the command that generates a project to its own tests passing.

Once with uv's cache warm, once with an empty one, which is mostly the network. A peer is a template
whose projects test themselves by `nox -s tests`. The repository that some need is made between,
untold.
"""

import tempfile
from pathlib import Path

from bench.clock import Cost, beside, in_turn, measure
from bench.figures import OURS, ROOT, Figure, Options
from bench.peers import local

TAKES_PEERS = True
ROUNDS = 5
COLD_ROUNDS = 2
COMMIT = "git init -q && git add . && git commit -qm a"


def figures(options: Options) -> list[Figure]:
    """Measure this template and the peers in turn."""
    with tempfile.TemporaryDirectory() as name:
        peers = local(options.peers, Path(name))
        templates = {OURS: ROOT, **peers}
        targets = dict.fromkeys(peers, 1.2)
        warm = {each: lambda path=path: first_green(path) for each, path in templates.items()}
        found = beside("cache warm", in_turn(warm, options.rounds or ROUNDS), targets)
        # The first round, which only fills caches, would be of no use here.
        rounds = min(options.rounds or COLD_ROUNDS, COLD_ROUNDS)
        cold = {
            each: lambda path=path: first_green(path, cold=True) for each, path in templates.items()
        }
        found += beside("cache cold", in_turn(cold, rounds, fill=False))
    return found


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
        return cost + measure(["nox", "-s", "tests"], project, environ)
