"""Public projects as an index has them: sources with tests, and interpreters to run them."""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

DATE = {"SOURCE_DATE_EPOCH": "315532800"}


@dataclass(frozen=True)
class Project:
    """A public project, the environment that its suite runs in, and where its tests are."""

    name: str
    version: str
    python: str
    pytest: str
    tests: str = "tests"
    requires: tuple[str, ...] = ()


# Small suites of different make: flat and src layouts, unittest, doctests, strict warnings,
# setuptools, hatchling and flit.
PROJECTS = (
    Project("boltons", "26.2.0", "3.11", "8.0.0"),
    Project("cachetools", "8.0.2", "3.12", "8.4.2"),
    Project("humanize", "4.17.0", "3.13", "9.2.0", requires=("freezegun", "pytest-benchmark")),
    Project("itsdangerous", "2.2.0", "3.11", "8.0.0", requires=("freezegun",)),
    Project("more-itertools", "11.2.1", "3.13", "8.4.2"),
    Project("python-slugify", "9.2.0", "3.12", "9.2.0"),
    Project("semver", "3.1.2", "3.12", "8.0.0", requires=("packaging", "pytest-cov", "setuptools")),
    Project("sqlparse", "0.6.1", "3.13", "9.2.0"),
    Project("tabulate", "0.10.0", "3.11", "9.2.0", "test"),
    Project("toolz", "1.2.0", "3.13", "8.4.2", "toolz"),
)


P = TypeVar("P", bound=Project)


@dataclass(frozen=True)
class Choice(Generic[P]):
    """What a run was asked for.

    Attributes:
        projects: The projects to try.
        jobs: How many at the same time.
        is_whole: Whether that is all of them.
    """

    projects: list[P]
    jobs: int
    is_whole: bool


def choose(
    subject: str, description: str | None, projects: Sequence[P], arguments: list[str] | None
) -> Choice[P]:
    """Read the command line of a subject that tries projects, each of which it may name."""
    parser = argparse.ArgumentParser(
        prog=f"nox -s foreign -- {subject}", description=(description or "").split("\n")[0]
    )
    parser.add_argument("names", nargs="*", help="projects; all of them by default")
    parser.add_argument("--jobs", type=int, default=2, help="projects at the same time (2)")
    options = parser.parse_args(arguments)
    names = options.names
    if unknown := set(names) - {project.name for project in projects}:
        parser.error(f"unknown project: {', '.join(sorted(unknown))}")
    chosen = [project for project in projects if not names or project.name in names]
    return Choice(chosen, options.jobs, not names)


def clean_environment() -> dict[str, str]:
    """Return the environment without what would reach into a project's own commands."""
    unset = ("CI", "VIRTUAL_ENV", "PYTHONPATH", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST")
    return {name: value for name, value in os.environ.items() if name not in unset}


def find_python(version: str) -> str | None:
    """Return an interpreter of a version, from PATH or from pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [
        shutil.which(f"python{version}"),
        *sorted(map(str, pyenv.glob(f"{version}.*/bin/python"))),
    ]
    for python in filter(None, found):
        done = subprocess.run([python, "--version"], capture_output=True, text=True, check=False)
        if done.stdout.startswith(f"Python {version}."):
            return python
    return None


def download(project: Project, directory: Path, inside: str = "") -> Path:
    """Fetch the sources of a release and commit them; return where they are.

    Args:
        project: The project.
        directory: An empty directory.
        inside: The subdirectory of a repository that they go to; its top if empty.
    """
    pip = [sys.executable, "-m", "pip"] if shutil.which("pip") is None else ["pip"]
    release = f"{project.name}=={project.version}"
    only_sources = ("--no-deps", f"--no-binary={project.name}", f"--dest={directory}")
    call([*pip, "download", "--quiet", *only_sources, release], directory, os.environ | DATE)
    (archive,) = directory.glob("*.tar.gz")
    call(["tar", "--extract", "--no-same-owner", f"--file={archive}"], directory, os.environ)
    (root,) = (path.parent for path in directory.glob("*/PKG-INFO"))
    for made in root.rglob("*.egg-info"):  # of the source release; a repository has none
        shutil.rmtree(made)
    top = root
    if inside:
        top = directory / "repository"
        root = (top / inside).resolve()
        root.parent.mkdir(parents=True)
        next(directory.glob("*/PKG-INFO")).parent.rename(root)
    git = ("git", "-c", "user.name=Foreign", "-c", "user.email=foreign@example.com")
    call([*git, "init", "--quiet"], top, os.environ)
    call([*git, "add", "--all"], top, os.environ)
    call([*git, "commit", "--quiet", "--no-verify", "--message=Release"], top, os.environ)
    return root


def call(command: list[str], directory: Path, environment: Mapping[str, str]) -> None:
    """Run a command that must succeed."""
    subprocess.run(
        command, cwd=directory, env=dict(environment), capture_output=True, text=True, check=True
    )
