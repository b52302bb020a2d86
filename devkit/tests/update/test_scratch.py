"""What killed updates leave behind is deleted, and nothing else is."""

import os
import tempfile
from pathlib import Path

import pytest

from hangar_devkit.update.scratch import scratch_directory

DAY = 86400


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory for temporary files with two of updates, of which one is two days old."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("hangar-update-old", "hangar-update-now", "other-old"):
        (tmp_path / name / "work").mkdir(parents=True)
    for name in ("hangar-update-old", "other-old"):
        old = (tmp_path / name).stat().st_mtime - 2 * DAY
        os.utime(tmp_path / name, (old, old))
    return tmp_path


def test_the_directory_of_a_killed_update_is_deleted(place: Path) -> None:
    with scratch_directory():
        pass
    assert sorted(path.name for path in place.iterdir()) == ["hangar-update-now", "other-old"]


def test_a_link_is_never_followed(place: Path) -> None:
    (place / "hangar-update-link").symlink_to(place / "other-old")
    with scratch_directory():
        pass
    assert (place / "other-old" / "work").is_dir()
