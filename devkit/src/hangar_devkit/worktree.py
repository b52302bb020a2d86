"""A commit of a repository, checked out elsewhere for as long as a command needs it."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

# Hooks check what a person commits, and a scratch worktree has no environment for them.
NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}")


class WorktreeError(Exception):
    """A commit cannot be checked out; the message says why."""


@contextlib.contextmanager
def checked_out(root: Path, commit: str = "HEAD") -> Iterator[Path]:
    """Check a commit out into a temporary directory, which is removed at the end.

    Args:
        root: The project, which may be a subdirectory of its repository.
        commit: The commit.

    Yields:
        The project in that directory.

    Raises:
        WorktreeError: There is no such commit or no repository.
    """
    with tempfile.TemporaryDirectory(prefix="hangar-worktree-") as name:
        scratch = Path(name).resolve() / root.resolve().name
        prefix = _git(root, "rev-parse", "--show-prefix")
        try:
            _git(root, "worktree", "add", "--quiet", "--detach", str(scratch), commit)
            yield scratch / prefix
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
            _git(root, "worktree", "prune")


def _git(root: Path, *arguments: str) -> str:
    command = ["git", *NO_HOOKS, *arguments]
    try:
        done = subprocess.run(
            command, cwd=root, capture_output=True, text=True, errors="replace", check=False
        )
    except FileNotFoundError as error:
        raise WorktreeError("git is not installed; install it, then run again") from error
    if done.returncode:
        raise WorktreeError(f"git {' '.join(arguments[:2])}: {done.stderr.strip()}")
    return done.stdout.strip()
