"""The newest release, as git knows it: its schemas and its version."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .export import DIRECTORY
from .project import ContractsError, version

TAG = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True)
class Release:
    """What was promised last.

    Attributes:
        tag: The tag's name.
        version: What `pyproject.toml` said there.
        schemas: The contracts by name, without `.schema.json`.
    """

    tag: str
    version: str
    schemas: dict[str, dict[str, Any]]


def newest(root: Path) -> Release | None:
    """Read the newest release before or at the present commit.

    Returns:
        The release, or None where nothing was released yet.

    Raises:
        ContractsError: It cannot be told, because this is no repository, or one without history.
    """
    if _git(root, "rev-parse", "--verify", "--quiet", "HEAD") is None:
        return None  # no repository, or no commit: nothing was released from here
    tags = (_git(root, "tag", "--merged", "HEAD") or "").split()
    released = [
        (tuple(map(int, match.groups())), tag) for tag in tags if (match := TAG.fullmatch(tag))
    ]
    if not released:
        if _git(root, "rev-parse", "--is-shallow-repository") == "true":
            raise ContractsError(
                "could not compare with a release: this clone has no history; "
                "run `git fetch --tags --unshallow` (in CI: check out with full depth)"
            )
        return None
    tag = max(released)[1]
    return Release(tag, version(_show(root, tag, "pyproject.toml")), _schemas(root, tag))


def needs(old: str, new: str) -> bool:
    """Say whether a breaking change is without its version: a new major one, or minor below 1.0."""
    before, after = _numbers(old), _numbers(new)
    significant = 1 if before[0] == 0 and after[0] == 0 else 0
    return after[: significant + 1] <= before[: significant + 1]


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, [*re.findall(r"\d+", text), "0", "0", "0"][:3]))


def _schemas(root: Path, tag: str) -> dict[str, dict[str, Any]]:
    listed = _git(root, "ls-tree", "--name-only", tag, f"{DIRECTORY}/") or ""
    return {
        Path(path).name.removesuffix(".schema.json"): json.loads(_show(root, tag, path))
        for path in listed.splitlines()
        if path.endswith(".schema.json")
    }


def _show(root: Path, tag: str, path: str) -> str:
    text = _git(root, "show", f"{tag}:./{path}")
    if text is None:
        raise ContractsError(f"could not compare with {tag}: git cannot read {path} there")
    return text


def _git(root: Path, *args: str) -> str | None:
    """Run git; None where it refuses."""
    done = subprocess.run(
        ["git", *args], cwd=root, capture_output=True, text=True, encoding="utf-8", check=False
    )
    return done.stdout.strip() if done.returncode == 0 else None
