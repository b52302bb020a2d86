"""What breaks for importers, against a release."""

import subprocess
import sys
from pathlib import Path

import pytest

from hangar_devkit.docs.api import report

BEFORE = 'def high(port: str) -> str:\n    """Return the time."""\n    return port\n'
AFTER = BEFORE.replace("port", "harbour")


def git(root: Path, *args: str) -> None:
    subprocess.run(["git", *args], cwd=root, check=True, capture_output=True)


def set_version(root: Path, version: str) -> None:
    (root / "pyproject.toml").write_text(
        f'[project]\nname = "tides"\nversion = "{version}"\n', encoding="utf-8"
    )


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A package in `src/` with a release v0.3.1."""
    root = tmp_path / "tides"
    (root / "src/tides").mkdir(parents=True)
    (root / "src/tides/__init__.py").write_text(BEFORE, encoding="utf-8")
    set_version(root, "0.3.1")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "start")
    git(root, "tag", "v0.3.1")
    return root


@pytest.fixture
def broken(released: Path) -> Path:
    """The package after a change that breaks importers."""
    (released / "src/tides/__init__.py").write_text(AFTER, encoding="utf-8")
    return released


def test_nothing_changed(released: Path) -> None:
    assert report(released) == 0


def test_unannounced_break_fails(broken: Path) -> None:
    assert report(broken) == 1


def test_break_is_named(broken: Path, capfd: pytest.CaptureFixture[str]) -> None:
    report(broken)
    assert "harbour" in capfd.readouterr().out


def test_announced_break_passes(broken: Path) -> None:
    set_version(broken, "0.4.0")
    assert report(broken) == 0


def test_newest_merged_release_is_compared(
    released: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(released, "tag", "1.0.0")
    git(released, "switch", "-qc", "next")
    git(released, "commit", "-q", "--allow-empty", "-m", "next")
    git(released, "tag", "v2.0.0")
    git(released, "switch", "-q", "main")
    report(released)
    assert "nothing breaks since 1.0.0" in capsys.readouterr().out


def test_package_beside_the_tests(broken: Path) -> None:
    (broken / "src/tides").rename(broken / "tides")
    git(broken, "add", ".")
    git(broken, "commit", "-qm", "flat layout")
    git(broken, "tag", "v0.3.2")
    (broken / "tides/__init__.py").write_text(BEFORE, encoding="utf-8")
    assert report(broken) == 1


def test_no_release_yet(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(released, "tag", "--delete", "v0.3.1")
    report(released)
    assert "nothing to compare with" in capsys.readouterr().out


@pytest.fixture
def shallow(released: Path, tmp_path: Path) -> Path:
    """A clone without history and tags."""
    git(released, "commit", "-q", "--allow-empty", "-m", "after the release")
    git(tmp_path, "clone", "-q", "--depth=1", released.as_uri(), "shallow")
    return tmp_path / "shallow"


def test_shallow_clone_is_not_a_pass(shallow: Path) -> None:
    assert report(shallow) == 2


def test_shallow_clone_is_explained(shallow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report(shallow)
    assert "could not compare" in capsys.readouterr().err


def test_unknown_tag_is_not_a_pass(released: Path) -> None:
    assert report(released, "v9.9.9") == 2


def test_renamed_package_is_not_a_pass(released: Path) -> None:
    (released / "src/tides").rename(released / "src/currents")
    assert report(released) == 2


def test_project_without_a_package_is_not_a_pass(released: Path) -> None:
    (released / "src/tides/__init__.py").unlink()
    assert report(released) == 2


def test_missing_griffe_is_explained(
    released: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "griffe", None)
    report(released)
    assert "Griffe is not installed; run `pip install griffelib`" in capsys.readouterr().err
