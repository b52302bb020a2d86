"""Fixtures of the preflight's tests."""

from pathlib import Path

import pytest

from hangar_devkit.preflight import versions

from .fakes import Sandbox


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    """A machine without faults and without anything."""
    return Sandbox(tmp_path)


@pytest.fixture
def no_packaging(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter with neither `packaging` nor pip."""

    def refuse(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(versions, "import_module", refuse)
