"""Generation: rendering a project, hooks included.

Beside it: plain Cookiecutter that renders the same files with no hooks, which is the floor, and the
templates given as peers, each with its own default answers.
"""

import shutil
import tempfile
from pathlib import Path

from bench.clock import Cost, beside, in_turn, measure
from bench.figures import OURS, Figure, Options
from tests.support.template import PACKAGE, SOURCE, snapshot

TAKES_PEERS = True
ROUNDS = 9
FLOOR = "the same files without hooks"


def figures(options: Options) -> list[Figure]:
    """Measure this template, the floor and the peers in turn."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        # A checkout in use has caches, which would be copied into each project.
        ours = snapshot(place / "template")
        templates = {OURS: ours, FLOOR: floor(ours, place), **options.peers}
        ways = {each: lambda path=path: render(path) for each, path in templates.items()}
        costs = in_turn(ways, options.rounds or ROUNDS, notes=options.notes)
    return beside("generation", costs, targets=dict.fromkeys(options.peers, 1.5))


def render(template: Path) -> Cost:
    """Render once, by the command line."""
    with tempfile.TemporaryDirectory() as place:
        command = ["cookiecutter", template, "--no-input", "--output-dir", place]
        return measure(command, Path(place))


def floor(ours: Path, place: Path) -> Path:
    """Make a template without hooks that renders the files of the default project, and no other."""
    plain = shutil.copytree(ours, place / "floor", symlinks=True)
    shutil.rmtree(plain / "hooks")
    for which, template in (("hooked", ours), ("bare", plain)):
        command = ["cookiecutter", template, "--no-input", "--output-dir", place / which]
        measure(command, place)
    for path in sorted((place / "bare").rglob("*"), reverse=True):
        name = path.relative_to(place / "bare")
        if not (place / "hooked" / name).exists():
            source = plain / SOURCE.name / str(Path(*name.parts[1:])).replace("my_project", PACKAGE)
            source.rmdir() if source.is_dir() else source.unlink()
    return plain
