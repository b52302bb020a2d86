"""The command: what it checks, what suppresses a finding, when it fails."""

import contextlib
from pathlib import Path

import pytest

from hangar_devkit.lint.cli import main

from .conftest import Codes

BAD = "def test_a():{}\n    assert x\n    assert y\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one bad test, not in CI."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(BAD.format(""), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("CI", "NOX_CURRENT_SESSION"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.usefixtures("project")
class TestFindings:
    def test_location_is_printed(self, capsys: pytest.CaptureFixture[str]) -> None:
        main([])
        assert capsys.readouterr().out.startswith(
            "tests/test_a.py:1: TL001 test_a: 2 assertions; split the test"
        )

    def test_finding_is_a_warning_here(self) -> None:
        assert main([]) == 0

    def test_finding_is_an_error_when_asked(self) -> None:
        assert main(["--strict"]) == 1

    def test_finding_is_an_error_in_ci(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CI", "true")
        assert main([]) == 1

    @pytest.mark.parametrize(("session", "code"), [("lint", 1), ("tests", 0)])
    def test_finding_is_an_error_in_the_session_that_ci_runs(
        self, monkeypatch: pytest.MonkeyPatch, session: str, code: int
    ) -> None:
        monkeypatch.setenv("NOX_CURRENT_SESSION", session)
        assert main([]) == code

    @pytest.mark.parametrize("value", ["false", "0", ""])
    def test_finding_is_a_warning_where_ci_is_off(
        self, monkeypatch: pytest.MonkeyPatch, value: str
    ) -> None:
        monkeypatch.setenv("CI", value)
        assert main([]) == 0


def test_clean_project_is_silent(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "tests" / "test_a.py").write_text("def test_a():\n    assert x\n", encoding="utf-8")
    main(["--strict"])
    assert capsys.readouterr().out == ""


def test_invalid_python_is_a_finding(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "tests" / "test_a.py").write_text("def", encoding="utf-8")
    main([])
    assert "TL000 cannot be read as Python" in capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_missing_path_is_a_failure() -> None:
    assert main(["nowhere"]) == 2


def test_nothing_to_check_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([]) == 2


def test_help_lists_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with contextlib.suppress(SystemExit):
        main(["--help"])
    assert "exit codes:\n  0  no findings" in capsys.readouterr().out


def test_noqa_with_a_reason_suppresses(codes: Codes) -> None:
    assert codes(BAD.format("  # noqa: TL001 (two views of one state)")) == []


def test_noqa_without_a_reason_is_found(codes: Codes) -> None:
    assert codes(BAD.format("  # noqa: TL001")) == ["TL006"]


def test_noqa_of_another_rule_does_not_suppress(codes: Codes) -> None:
    assert codes(BAD.format("  # noqa: TL002 (why)")) == ["TL001"]
