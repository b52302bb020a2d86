"""Releases of a project: its version tags, the newest of them, and what a version announces.

A release is a tag `X.Y.Z` or `X.Y`, with or without a leading `v`. Pre-releases are not releases.
"""

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

Version = tuple[int, int, int]

_RELEASE = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")
_NUMBERS = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.\d+)*(?:[.\-+_]?[a-zA-Z].*|\+.*)?")


class ReleaseError(Exception):
    """A release cannot be determined or made; the message says why and what to do."""


class Release(NamedTuple):
    """A release of the project.

    Attributes:
        version: Its version.
        tag: The name of its tag.
    """

    version: Version
    tag: str


def parse(text: str) -> Version | None:
    """Read a version such as `1.2.3`, `v1.2.3` or `1.2`; return None for anything else."""
    match = _RELEASE.fullmatch(text)
    return _version(match) if match else None


def newest(root: Path) -> Release | None:
    """Find the newest release, by version, whose tag is merged into the current commit.

    Args:
        root: A directory of the repository.

    Returns:
        The release; None where there is none, or no repository or commit yet.

    Raises:
        ReleaseError: Git fails, or the clone is too shallow to know.
    """
    shallow = git(root, "rev-parse", "--is-shallow-repository")
    if shallow is None or git(root, "rev-parse", "--verify", "--quiet", "HEAD") is None:
        return None
    tags = (git(root, "tag", "--merged", "HEAD") or "").split()
    releases = [Release(version, tag) for tag in tags if (version := parse(tag))]
    if not releases and shallow == "true":
        raise ReleaseError(
            "could not compare with a release: this clone is shallow and has no release tags; "
            "run `git fetch --tags --unshallow` (in CI: check out the full history)"
        )
    return max(releases, default=None)


def announces_break(before: Version, after: str) -> bool:
    """Return whether a version tells its users that something breaks.

    It does when its major number is higher, or below 1.0 its minor number.

    Args:
        before: The version of the last release.
        after: The version now; of a pre-release only the numbers count.
    """
    match = _NUMBERS.fullmatch(after)
    if not match:
        return False
    significant = 2 if before[0] == 0 else 1
    return _version(match)[:significant] > before[:significant]


def git(root: Path, *args: str) -> str | None:
    """Run git.

    Args:
        root: A directory of the repository.
        *args: The subcommand and its arguments.

    Returns:
        What it prints; None where there is no repository, or `--quiet` finds nothing.

    Raises:
        ReleaseError: Git is not installed, or fails for any other reason.
    """
    try:
        done = subprocess.run(
            ["git", *args],
            cwd=root,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError as error:
        raise ReleaseError("could not compare with a release: git is not installed") from error
    if done.returncode == 0:
        return done.stdout.strip()
    reason = done.stderr.strip().splitlines()
    if reason and "not a git repository" not in done.stderr:
        raise ReleaseError(f"could not compare with a release: git: {reason[0]}")
    return None


def _version(match: re.Match[str]) -> Version:
    major, minor, patch = (int(number or 0) for number in match.groups())
    return major, minor, patch
