"""Projects of this template to measure: rendered, locked, with an environment."""

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.framework import progress
from benchmarks.framework.commands import run
from benchmarks.framework.figures import ROOT
from tests.support.render import by_api
from tests.support.template import snapshot

EXPERIMENTS = ROOT / "benchmarks" / "experiments"


def generate(directory: Path, **answers: object) -> Path:
    """Render a project, with a wheel of the working tree, below a directory."""
    template = directory / "template"
    if not template.exists():
        snapshot(template)
    return by_api(template, directory, answers)


def install(project: Path, *options: str) -> Path:
    """Create the project's environment and return its interpreter."""
    run("uv", "sync", "--quiet", *options, cwd=project)
    return project / ".venv" / "bin" / "python"


def commit(project: Path) -> None:
    """Commit the project to a new repository."""
    run("git", "init", "--quiet", "--initial-branch=main", cwd=project)
    run("git", "add", "--all", cwd=project)
    run("git", "commit", "--quiet", "--no-verify", "--message=Start", cwd=project)


def run_experiment(script: str, *arguments: object, python: Path | None = None) -> Any:  # noqa: ANN401
    """Run a script of `benchmarks/experiments/` and return the JSON of its first line.

    Args:
        script: Its file name.
        arguments: Its command line.
        python: The interpreter of another environment; this one by default.

    Raises:
        CommandFailed: The script failed.
    """
    progress.step(f"experiments/{script}")
    command = [python or sys.executable, EXPERIMENTS / script, *arguments]
    return json.loads(run(*command, env={"PYTHONPATH": str(ROOT)}).partition("\n")[0])
