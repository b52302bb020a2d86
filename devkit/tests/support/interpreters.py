"""Interpreters of other versions of Python."""

import os
import shutil
from pathlib import Path

import pytest


def find_interpreter(name: str) -> str:
    """Return the path of an interpreter such as `python3.9`; skip the test where there is none."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    number = name.removeprefix("python")
    found = shutil.which(name, path="/usr/bin:/usr/local/bin")
    installed = [str(path) for path in sorted(versions.glob(f"{number}.*/bin/python"))]
    if not (found or installed):
        pytest.skip(f"no {name} here; to run this test: pyenv install {number}")
    return found or installed[-1]
