"""Programs that a release runs."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from hangar_devkit.releases import ReleaseError


def run(
    *command: str, cwd: Path, environment: Mapping[str, str] | None = None, failed: str = ""
) -> str:
    """Run a program and return what it prints.

    Args:
        *command: The program and its arguments.
        cwd: The directory in which it runs.
        environment: Variables that it gets besides those of this process.
        failed: What the failure means; the default names the command.

    Raises:
        ReleaseError: The program is not installed, or fails; with the end of its output.
    """
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=clean_environment() | dict(environment or {}),
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except FileNotFoundError as error:
        raise ReleaseError(f"{command[0]} is not installed; install it, then run again") from error
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()[-15:]
        meaning = failed or f"{' '.join(command[:3])} failed with exit code {done.returncode}"
        raise ReleaseError("\n".join([f"{meaning}:", *(f"  {line}" for line in lines)]))
    return done.stdout.strip()


def clean_environment() -> dict[str, str]:
    """Return the variables of this process without those that select a Python environment."""
    dropped = {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "UV_PROJECT_ENVIRONMENT"}
    return {name: value for name, value in os.environ.items() if name not in dropped}


def find_engine() -> str | None:
    """Return the container engine whose server answers, Docker before Podman.

    `HANGAR_ENGINE`, as docker or podman, chooses one where both are installed.
    """
    chosen = os.environ.get("HANGAR_ENGINE", "")
    for engine in ("docker", "podman"):
        if engine.startswith(chosen) and shutil.which(engine):
            done = subprocess.run([engine, "info"], capture_output=True, check=False)
            if done.returncode == 0:
                return engine
    return None
