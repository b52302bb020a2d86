"""What breaks for importers, against a release."""

import subprocess
from pathlib import Path

import pytest

from hangar_devkit.docs.api import announces_break, newest_tag, report

BEFORE = 'def high(port: str) -> str:\n    """Say when."""\n    return port\n'
AFTER = BEFORE.replace("port", "harbour")


@pytest.fixture
def released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with a release v0.3.1, in the present directory."""
    (tmp_path / "src/tides").mkdir(parents=True)
    (tmp_path / "src/tides/__init__.py").write_text(BEFORE, encoding="utf-8")
    version(tmp_path, "0.3.1")
    monkeypatch.chdir(tmp_path)
    for command in ("init -q", "add .", "commit -qm start", "tag v0.3.1", "tag v0.3.0", "tag v1x"):
        subprocess.run(["git", *command.split()], check=True)
    return tmp_path


def version(root: Path, text: str) -> None:
    (root / "pyproject.toml").write_text(f'[project]\nversion = "{text}"\n', encoding="utf-8")


@pytest.mark.parametrize(
    ("tag", "after", "announces"),
    [
        ("v0.3.1", "0.3.2", False),
        ("v0.3.1", "0.4.0", True),
        ("v0.9.0", "1.0.0", True),
        ("v1.2.3", "1.3.0", False),
        ("v1.2.3", "2.0.0", True),
        ("v1.2", "1.2", False),
        ("v1.2.3", "soon", False),
        ("v2.0.0", "1.9.9", False),
    ],
)
def test_version_announces_break(tag: str, after: str, *, announces: bool) -> None:
    assert announces_break(tag, after) is announces


def test_newest_tag_by_version(released: Path) -> None:
    subprocess.run(["git", "tag", "v0.10.0"], check=True)
    assert newest_tag() == "v0.10.0"


def test_nothing_changed(released: Path) -> None:
    assert report() == 0


def test_break_without_a_word_fails(released: Path) -> None:
    (released / "src/tides/__init__.py").write_text(AFTER, encoding="utf-8")
    assert report() == 1


def test_break_is_named(released: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (released / "src/tides/__init__.py").write_text(AFTER, encoding="utf-8")
    report()
    captured = capfd.readouterr()
    assert "harbour" in captured.out + captured.err


def test_announced_break_passes(released: Path) -> None:
    (released / "src/tides/__init__.py").write_text(AFTER, encoding="utf-8")
    version(released, "0.4.0")
    assert report() == 0


def test_no_release_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    report()
    assert "nothing to compare with" in capsys.readouterr().out


def test_unknown_tag_is_no_pass(released: Path) -> None:
    assert report("v9.9.9") == 2
