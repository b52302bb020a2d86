"""After an update: lock, schemas, generated docs and quick checks, by the project's commands."""

import os
import re
import subprocess
from pathlib import Path

from hangar_devkit.update.git import Git, encode

_LOCK = "uv.lock"
_NOX = ("uv", "run", "--quiet", "nox", "--sessions")
_CHECKS = ("lint", "typecheck")
_CONTRACTS = ("uv", "run", "--quiet", "hangar", "contracts")
# How `hangar contracts` lists the schemas that it wrote.
_EXPORTED = re.compile(r"^(\S.*?): .*; fixed$", re.MULTILINE)
# How `hangar docs pages` lists what it changed.
_WRITTEN = re.compile(r"^(?:nox > )?(\S.*): (?:written|removed)$", re.MULTILINE)


def regenerate(git: Git) -> tuple[list[str], list[str]]:
    """Lock again, export the contracts and write the generated docs, and stage all of it.

    Returns:
        The paths that were staged, and what failed.
    """
    root = git.directory
    if not (root / _LOCK).exists():
        print("There is no uv.lock yet, so nothing is checked: run `nox`.", flush=True)
        return [], []
    if _run(["uv", "lock", "--quiet"], root) is None:
        return [], [f"{_LOCK}: could not be written again (see above): uv lock"]
    before = set(_differing(git)) - {_LOCK}
    exported = _export(root)
    output = _run([*_NOX, "docs", "--", "pages"], root, capture=True)
    # Only these: a file that the user saves meanwhile, or that git no longer ignores, is not ours.
    listed = {_LOCK, *exported, *_WRITTEN.findall(output or "")}
    written = sorted(listed.intersection(_differing(git)) - before)
    stage(git, written)
    if output is None:
        command = "nox -s docs -- pages"
        return written, [f"the generated docs could not be written (see above): {command}"]
    return written, []


def _export(root: Path) -> list[str]:
    """Export the contracts, as a release may change how; return the schemas that were written.

    What else is wrong with a contract is reported by the checks.
    """
    if not (root / "contracts").is_dir():
        return []
    done = subprocess.run(
        _CONTRACTS, cwd=root, env=_environment(), check=False, capture_output=True
    )
    written = _EXPORTED.findall(done.stdout.decode(errors="replace"))
    for path in written:
        print(f"{path}: exported again", flush=True)
    return written


def check(root: Path) -> list[str]:
    """Run the quick checks in a process of their own, as the sessions are new too."""
    if (root / _LOCK).exists() and _run([*_NOX, *_CHECKS], root) is None:
        return [f"the quick checks failed (see above): nox -s {' '.join(_CHECKS)}"]
    return []


def stage(git: Git, paths: list[str]) -> None:
    """Add files, or their deletion, to the index."""
    git.run("update-index", "--add", "--remove", "-z", "--stdin", stdin=encode(paths))


def _differing(git: Git) -> list[str]:
    """List the files in the tree that differ from the index, untracked ones included."""
    options = ("--modified", "--deleted", "--others", "--exclude-standard", "-z")
    return git.paths("ls-files", *options)


def _run(command: list[str], root: Path, *, capture: bool = False) -> str | None:
    """Run a command; return its output, if that is captured, or None if it failed."""
    try:
        done = subprocess.run(
            command,
            cwd=root,
            env=_environment(),
            check=False,
            stdout=subprocess.PIPE if capture else None,
        )
    except FileNotFoundError:
        print(f"{command[0]} is not on PATH.", flush=True)
        return None
    output = (done.stdout or b"").decode(errors="replace")
    print(output, end="", flush=True)
    return None if done.returncode else output


def _environment() -> dict[str, str]:
    """Return the environment without another project's virtual environment."""
    return {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
