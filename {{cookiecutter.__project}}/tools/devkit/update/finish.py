"""After an update: lock anew and run the quick checks, by the project's own commands."""

import os
import subprocess
from pathlib import Path

_CHECKS = ("lint", "typecheck")


def lock(root: Path) -> list[str]:
    """Lock anew, where there is a lock; return what went wrong."""
    if (root / "uv.lock").exists() and not _passes(["uv", "lock", "--quiet"], root):
        return ["uv.lock: could not be made anew (see above)"]
    return []


def check(root: Path) -> list[str]:
    """Run the quick checks in a process of their own, as the sessions are new too."""
    if not (root / "uv.lock").exists():
        print("There is no uv.lock yet, so nothing was checked: run `nox`.", flush=True)
        return []
    if _passes(["uv", "run", "--quiet", "nox", "--sessions", *_CHECKS], root):
        return []
    return [f"the quick checks failed (see above): nox -s {' '.join(_CHECKS)}"]


def _passes(command: list[str], root: Path) -> bool:
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    try:
        return subprocess.run(command, cwd=root, env=environment, check=False).returncode == 0
    except FileNotFoundError:
        print(f"{command[0]} is not on PATH.", flush=True)
        return False
