"""A wheel built from the working tree, and copies of what it is built from."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import wheel

ROOT = wheel.ROOT

Checkout = Callable[[Path], Path]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the working tree."""
    return wheel.build(ROOT, tmp_path_factory.mktemp("wheel"))


def checkout(where: Path) -> Path:
    """Copy what `nox -s wheel` reads and writes."""
    ignored = shutil.ignore_patterns("__pycache__", "tests", ".*")
    shutil.copytree(ROOT / "devkit", where / "devkit", ignore=ignored)
    shutil.copyfile(ROOT / "pyproject.toml", where / "pyproject.toml")
    (where / wheel.TOOLS).mkdir(parents=True)
    name = f"{wheel.PROJECT}/pyproject.toml"
    shutil.copyfile(ROOT / name, where / name)
    return where


def uv(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run uv in a directory."""
    return subprocess.run(
        ["uv", *arguments], cwd=directory, capture_output=True, text=True, check=False
    )
