"""Projects of this template to measure: rendered, locked, with an environment."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench import progress
from bench.clock import CommandFailed
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


def run(*words: object, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Run a command that must succeed; return what it prints.

    Raises:
        CommandFailed: It did not; the message ends with what it printed.
    """
    command = [str(word) for word in words]
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        told = (done.stdout + done.stderr)[-600:]
        raise CommandFailed(f"{' '.join(command)} ended with {done.returncode}:\n{told}")
    return done.stdout


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
