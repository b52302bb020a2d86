"""Fixtures of the preflight's tests."""

from pathlib import Path

import pytest

from hangar_devkit.preflight import versions

from .fakes import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A machine without faults and without anything."""
    return World(tmp_path)


@pytest.fixture
def no_packaging(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter with neither `packaging` nor pip."""

    def refuse(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(versions, "import_module", refuse)
