"""The environment of a run: commit, branch, machine, interpreter, CI job, seeds."""

import contextlib
import hashlib
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hangar_devkit.ci import in_ci
from hangar_devkit.history.records import Run
from hangar_devkit.history.system import SYSTEM

_DEFAULT_BRANCHES = frozenset({"main", "master", "trunk"})
_SEEDS = ("randomly_seed", "random_order_seed", "hypothesis_seed")
"""Options of pytest-randomly, pytest-random-order and Hypothesis."""


class GitQuery:
    """A query to git that runs in the background, so that the session does not wait for it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._process: subprocess.Popen[str] | None
        try:
            self._process = subprocess.Popen(
                ["git", "status", "--porcelain=v2", "--branch", "--untracked-files=normal"],
                cwd=root,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                stdin=subprocess.DEVNULL,
                text=True,
                env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
            )
        except OSError:
            self._process = None

    def answer(self) -> tuple[str, str, bool]:
        """Return commit, branch and whether files changed; empty values when unknown."""
        if self._process is None:
            return "", "", False
        try:
            text = self._process.communicate(timeout=5)[0]
        except (subprocess.TimeoutExpired, OSError, ValueError):
            self._process.kill()
            with contextlib.suppress(OSError, ValueError):  # something closed the pipe
                self._process.communicate()
            return "", "", False
        commit, branch, dirty, has_directories = parse_status(text)
        return commit, branch, dirty or (has_directories and self._has_untracked_sources())

    def _has_untracked_sources(self) -> bool:
        """Return whether there may be Python files that git neither tracks nor ignores."""
        command = ["git", "ls-files", "--others", "--exclude-standard", "--", ":(top,glob)**/*.py"]
        try:
            done = subprocess.run(
                command, cwd=self._root, capture_output=True, timeout=5, check=True
            )
        except (OSError, ValueError, subprocess.SubprocessError):
            return True
        return bool(done.stdout)


def parse_status(text: str) -> tuple[str, str, bool, bool]:
    """Parse the output of `git status --porcelain=v2 --branch`.

    Returns:
        Commit, branch, whether files changed, and whether there are untracked directories.
    """
    commit = branch = ""
    dirty = has_directories = False
    for line in text.splitlines():
        if line.startswith("# branch.oid "):
            commit = line.removeprefix("# branch.oid ").replace("(initial)", "")
        elif line.startswith("# branch.head "):
            branch = line.removeprefix("# branch.head ").replace("(detached)", "")
        elif line.startswith("? "):
            name = line.rstrip('"')
            dirty |= name.endswith(".py")  # an untracked note does not fail a test
            has_directories |= name.endswith("/")
        elif not line.startswith("#"):
            dirty = True
    return commit, branch, dirty, has_directories


def seeds(config: pytest.Config) -> str:
    """Return the random seeds of this session, those of Python and of plugins."""
    known = {"PYTHONHASHSEED": os.environ.get("PYTHONHASHSEED")}
    for name in _SEEDS:
        known[name] = getattr(config.option, name, None)
    return " ".join(f"{name}={value}" for name, value in known.items() if value is not None)


def describe_run(started: float, git: tuple[str, str, bool], seed: str = "") -> Run:
    """Return the run that starts now, from git's answer and the environment variables."""
    env = os.environ
    commit, branch, dirty = git
    branch = (
        env.get("GITHUB_HEAD_REF")
        or env.get("GITHUB_REF_NAME")
        or env.get("CI_COMMIT_REF_NAME")
        or branch
    )
    job = env.get("GITHUB_JOB") or env.get("CI_JOB_NAME") or ("ci" if in_ci(env) else "")
    defaults = {env["CI_DEFAULT_BRANCH"]} if env.get("CI_DEFAULT_BRANCH") else _DEFAULT_BRANCHES
    person = "ci" if job else f"{env.get('USER') or env.get('USERNAME')}@{platform.node()}"
    return Run(
        uid=SYSTEM.urandom(8).hex(),
        started=started,
        commit=commit or env.get("GITHUB_SHA") or env.get("CI_COMMIT_SHA") or "",
        branch=branch,
        dirty=dirty,
        on_default=branch in defaults,
        job=job,
        zone=SYSTEM.strftime("%z", SYSTEM.localtime(started)),
        seed=seed,
        person=hashlib.sha256(person.encode()).hexdigest()[:8],
        **interpreter(),
    )


def interpreter() -> dict[str, Any]:
    """Return the names of the interpreter and platform, as part of every content key."""
    version = sys.version_info
    return {
        "python": f"{sys.implementation.name}-{version.major}.{version.minor}.{version.micro}",
        "platform": f"{sys.platform}-{platform.machine()}",
    }
