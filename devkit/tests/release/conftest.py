"""A small project in a repository, as it is before its first release."""

import subprocess
from pathlib import Path

import pytest

PYPROJECT = """\
[project]
name = "small-thing"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = []

[project.scripts]
small-thing = "small_thing:main"

[build-system]
requires = ["uv_build>=0.11,<0.14"]
build-backend = "uv_build"

[tool.other]
version = "9.9.9"
"""
MODULE = """\
import argparse


def main():
    argparse.ArgumentParser().parse_args()
"""


def git(root: Path, *arguments: str) -> str:
    """Run git in a repository and return what it prints."""
    done = subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(root: Path) -> None:
    """Commit everything in a repository."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=Change")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one command and something new in its changelog."""
    root = tmp_path / "small-thing"
    package = root / "src/small_thing"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(MODULE, encoding="utf-8")
    (root / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (root / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n- New.\n", encoding="utf-8")
    git(root.parent, "init", "--quiet", "--initial-branch=main", str(root))
    git(root, "config", "user.name", "Somebody")
    git(root, "config", "user.email", "somebody@example.com")
    commit(root)
    return root
