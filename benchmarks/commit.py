"""Commit: one Python file committed, and `nox -s lint`, against v0.1.0.

Compared with a project of the last commit that states version 0.1.0, before the tooling became a
package: it had all of today's checks, as separate hooks. In a project of the tag itself lint fails.
The commit runs the hooks that the project installs. The projects are measured in turn, with warm
caches, as users have them: Python may write its bytecode.
"""

import itertools
import tempfile
from pathlib import Path

from benchmarks.framework import progress
from benchmarks.framework.commands import run
from benchmarks.framework.figures import OURS, ROOT, Figure, Options, Skipped
from benchmarks.framework.projects import commit, generate
from benchmarks.framework.timing import Cost, compare_costs, interleave, measure
from tests.support.layouts import RELEASES
from tests.support.render import by_api

ROUNDS = 5
EARLIER = "v0.1.0, its last commit"
TARGET = {EARLIER: 0.5}
ENVIRON = {"PYTHONDONTWRITEBYTECODE": ""}


def figures(options: Options) -> list[Figure]:
    """Measure commits and lint in a new project of each version."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        earlier = _generate_earlier(directory / "earlier")
        projects = {OURS: generate(directory / "now"), EARLIER: earlier}
        for label, project in projects.items():
            progress.step(f"set-up: {label}")
            commit(project)
            run("nox", "-s", "setup", cwd=project, env=ENVIRON)
            run("git", "add", "--all", cwd=project)
            run("git", "commit", "--quiet", "--no-verify", "--message=Lock", cwd=project)
        rounds = options.rounds or ROUNDS
        numbers = itertools.count()
        commits = {
            label: lambda project=project: _commit_file(project, next(numbers))
            for label, project in projects.items()
        }
        lints = {
            label: lambda project=project: measure(["nox", "-s", "lint"], project, ENVIRON)
            for label, project in projects.items()
        }
        return [
            *compare_costs("commit of one Python file", interleave(commits, rounds), TARGET),
            *compare_costs("nox -s lint, every file", interleave(lints, rounds), TARGET),
        ]


def _generate_earlier(directory: Path) -> Path:
    """Render a project of the earlier commit of this repository."""
    revision, template = RELEASES["main"], directory / "template"
    run("git", "clone", "--quiet", "--no-checkout", ROOT, template)
    if run("git", "cat-file", "-t", revision, cwd=template, codes=(0, 128)).strip() != "commit":
        raise Skipped("the clone lacks v0.1.0; get it: git fetch --unshallow --tags")
    run("git", "checkout", "--quiet", revision, cwd=template)
    return by_api(template, directory, {})


def _commit_file(project: Path, number: int) -> Cost:
    """Change a module, and measure the commit with its hooks."""
    (module,) = project.glob("src/*/cli.py")
    with module.open("a", encoding="utf-8") as file:
        file.write(f"\n\nNUMBER_{number} = {number}\n")
    run("git", "add", module, cwd=project)
    return measure(["git", "commit", "--quiet", f"--message=Change {number}"], project, ENVIRON)
