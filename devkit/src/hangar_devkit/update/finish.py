"""After an update: lock, pages and quick checks, by the project's own commands."""

import os
import subprocess
from pathlib import Path

_NOX = ("uv", "run", "--quiet", "nox", "--sessions")
_CHECKS = ("lint", "typecheck")


def settle(root: Path) -> list[str]:
    """Lock anew, and make the pages that follow from the code; return what went wrong."""
    if not (root / "uv.lock").exists():
        print("There is no uv.lock yet, so nothing is checked: run `nox`.", flush=True)
        return []
    if not _passes(["uv", "lock", "--quiet"], root):
        return ["uv.lock: could not be made anew (see above)"]
    if not _passes([*_NOX, "docs", "--", "pages"], root):
        return ["the made pages could not be brought in step (see above): nox -s docs -- pages"]
    # Else the command that takes the update back would leave new pages behind.
    _passes(["git", "add", "--all"], root)
    return []


def check(root: Path) -> list[str]:
    """Run the quick checks in a process of their own, as the sessions are new too."""
    if (root / "uv.lock").exists() and not _passes([*_NOX, *_CHECKS], root):
        return [f"the quick checks failed (see above): nox -s {' '.join(_CHECKS)}"]
    return []


def _passes(command: list[str], root: Path) -> bool:
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    try:
        return subprocess.run(command, cwd=root, env=environment, check=False).returncode == 0
    except FileNotFoundError:
        print(f"{command[0]} is not on PATH.", flush=True)
        return False
