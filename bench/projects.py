"""Projects of this template to measure: rendered, locked, with an environment."""

import json
import sys
from pathlib import Path
from typing import Any

from bench import progress
from bench.commands import run
from bench.figures import ROOT
from tests.support.render import by_api


def generate(place: Path, **answers: object) -> Path:
    """Render a project under a directory."""
    return by_api(ROOT, place, answers)


def install(project: Path, *options: str) -> Path:
    """Make the project's environment; return its interpreter."""
    run("uv", "sync", "--quiet", *options, cwd=project)
    return project / ".venv" / "bin" / "python"


def commit(project: Path) -> None:
    """Put the project into a repository."""
    run("git", "init", "--quiet", "--initial-branch=main", cwd=project)
    run("git", "add", "--all", cwd=project)
    run("git", "commit", "--quiet", "--no-verify", "--message=Start", cwd=project)


def experiment(script: str, *arguments: object, python: Path | None = None) -> Any:  # noqa: ANN401
    """Run an experiment of `bench/` in an environment; return the JSON of its first line.

    Args:
        script: Its path under `bench/`.
        arguments: Of its command line.
        python: Whose environment; this one, if none is given.

    Raises:
        CommandFailed: It failed.
    """
    progress.step(f"bench/{script}")
    command = [python or sys.executable, ROOT / "bench" / script, *arguments]
    return json.loads(run(*command, env={"PYTHONPATH": str(ROOT)}).partition("\n")[0])
