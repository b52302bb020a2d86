"""After an update: lock anew and run the quick checks, by the project's own commands."""

import os
import subprocess
from pathlib import Path

_CHECKS = ("lint", "typecheck")


def finish(root: Path) -> str:
    """Lock, then check.

    Returns:
        What failed, and what to do; empty if nothing did.
    """
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    # A project that has no lock yet gets one from its first session.
    if (root / "uv.lock").exists() and not _passes(["uv", "lock", "--quiet"], root, environment):
        return "The update is in the tree, but `uv lock` failed. Mend that, then run `nox`."
    if not _passes(["nox", "--sessions", *_CHECKS], root, environment):
        return "The update is in the tree, but the quick checks failed. Mend that, then run `nox`."
    return ""


def _passes(command: list[str], root: Path, environment: dict[str, str]) -> bool:
    try:
        return subprocess.run(command, cwd=root, env=environment, check=False).returncode == 0
    except FileNotFoundError:
        print(f"{command[0]} is not on PATH.", flush=True)
        return False
