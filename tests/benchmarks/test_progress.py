"""Progress is one live line on a terminal, and a line now and then in a log."""

import sys

import pytest

from benchmarks.framework.progress import Progress


def test_a_log_gets_no_line_immediately(capsys: pytest.CaptureFixture[str]) -> None:
    Progress().step("round 1")
    assert not capsys.readouterr().out


def test_a_log_gets_a_line_after_a_while(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.framework.progress.LOG_INTERVAL", 0)
    Progress().step("round 1")
    assert capsys.readouterr().out == "  0 s: round 1\n"


@pytest.fixture
def screen(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The output of a benchmark with one step on a terminal."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    progress = Progress()
    with progress.shown():
        progress.step("round 1")
    return capsys.readouterr().out


def test_a_terminal_shows_the_step_immediately(screen: str) -> None:
    assert "0 s: round 1" in screen


def test_a_terminal_line_is_cleared_at_the_end(screen: str) -> None:
    assert screen.endswith("\r\033[K")
