"""The reader of `pyproject.toml`."""

import importlib.metadata
from pathlib import Path
from typing import Any

import pytest

from hangar_devkit.pyproject import PyprojectError, load, table, version


def test_table_that_is_missing_is_empty() -> None:
    assert table({"tool": {}}, "tool", "hangar", "pages") == {}


def test_value_that_is_not_a_table_is_empty() -> None:
    assert table({"tool": 1}, "tool", "hangar") == {}


@pytest.mark.parametrize(
    ("project", "known"),
    [
        ({"name": "x", "version": "1.2"}, "1.2"),
        ({"name": "pytest", "dynamic": ["version"]}, importlib.metadata.version("pytest")),
        ({"name": "nobody-has-this-name", "dynamic": ["version"]}, ""),
        ({}, ""),
    ],
)
def test_version(project: dict[str, Any], known: str) -> None:
    assert version({"project": project}) == known


@pytest.mark.parametrize("content", [b"[", b"\xff"])
def test_invalid_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pyproject.toml").write_bytes(content)
    with pytest.raises(PyprojectError, match=r"pyproject.toml: "):
        load(tmp_path)


def test_missing_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(PyprojectError, match="run the command in the project's root"):
        load(tmp_path)
