"""The command: where it looks, what silences it, when it fails."""

from pathlib import Path

import pytest

from hangar_devkit.lint.cli import main

from .conftest import Codes

BAD = "def test_a():{}\n    assert x\n    assert y\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one bad test, on a desk."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(BAD.format(""), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)
    return tmp_path


@pytest.mark.usefixtures("project")
class TestFindings:
    def test_place_is_said(self, capsys: pytest.CaptureFixture[str]) -> None:
        main([])
        assert capsys.readouterr().out.startswith("tests/test_a.py:1: TL001 test_a asserts 2 facts")

    def test_finding_is_a_warning_here(self) -> None:
        assert main([]) == 0

    def test_finding_is_an_error_when_asked(self) -> None:
        assert main(["--strict"]) == 1

    def test_finding_is_an_error_in_ci(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CI", "true")
        assert main([]) == 1


def test_clean_project_is_silent(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "tests" / "test_a.py").write_text("def test_a():\n    assert x\n", encoding="utf-8")
    main(["--strict"])
    assert capsys.readouterr().out == ""


def test_what_is_not_python_is_a_finding(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "tests" / "test_a.py").write_text("def", encoding="utf-8")
    main([])
    assert "TL000 cannot be read as Python" in capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_missing_path_is_a_failure() -> None:
    assert main(["nowhere"]) == 2


def test_reason_silences(codes: Codes) -> None:
    assert codes(BAD.format("  # noqa: TL001 (one state, seen twice)")) == []


def test_noqa_without_reason_is_found(codes: Codes) -> None:
    assert codes(BAD.format("  # noqa: TL001")) == ["TL006"]


def test_noqa_of_another_rule_does_not_silence(codes: Codes) -> None:
    assert codes(BAD.format("  # noqa: TL002 (why)")) == ["TL001"]
