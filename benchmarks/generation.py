"""Generation: rendering a project, hooks included.

Compared with plain Cookiecutter that renders the same files without hooks, which is the lower
bound, and with the templates given as peers, each with its own default answers.
"""

import shutil
import tempfile
from pathlib import Path

from benchmarks.framework.figures import OURS, Figure, Options
from benchmarks.framework.timing import Cost, compare_costs, interleave, measure
from tests.support.template import PACKAGE, SOURCE, snapshot

TAKES_PEERS = True
ROUNDS = 9
LOWER_BOUND = "the same files without hooks"


def figures(options: Options) -> list[Figure]:
    """Measure this template, the lower bound and the peers, interleaved."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        # A checkout in use has caches, which would be copied into each project.
        ours = snapshot(directory / "template")
        templates = {OURS: ours, LOWER_BOUND: without_hooks(ours, directory), **options.peers}
        candidates = {each: lambda path=path: render(path) for each, path in templates.items()}
        costs = interleave(candidates, options.rounds or ROUNDS, notes=options.notes)
    return compare_costs("generation", costs, targets=dict.fromkeys(options.peers, 1.0))


def render(template: Path) -> Cost:
    """Render a project by the command line."""
    with tempfile.TemporaryDirectory() as directory:
        command = ["cookiecutter", template, "--no-input", "--output-dir", directory]
        return measure(command, Path(directory))


def without_hooks(ours: Path, directory: Path) -> Path:
    """Make a template without hooks that renders exactly the files of the default project."""
    plain = shutil.copytree(ours, directory / "plain", symlinks=True)
    shutil.rmtree(plain / "hooks")
    for label, template in (("hooked", ours), ("bare", plain)):
        command = ["cookiecutter", template, "--no-input", "--output-dir", directory / label]
        measure(command, directory)
    for path in sorted((directory / "bare").rglob("*"), reverse=True):
        name = path.relative_to(directory / "bare")
        if not (directory / "hooked" / name).exists():
            source = plain / SOURCE.name / str(Path(*name.parts[1:])).replace("my_project", PACKAGE)
            source.rmdir() if source.is_dir() else source.unlink()
    return plain
