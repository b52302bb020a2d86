"""Progress is one living line on a terminal, and now and then a line in a log."""

import sys

import pytest

from bench.progress import Progress


def test_a_log_gets_no_line_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    Progress().step("round 1")
    assert not capsys.readouterr().out


def test_a_log_gets_a_line_after_a_while(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.progress.QUIET", 0)
    Progress().step("round 1")
    assert capsys.readouterr().out == "  0 s: round 1\n"


@pytest.fixture
def screen(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """What a terminal gets of a part with one step."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    progress = Progress()
    with progress.shown():
        progress.step("round 1")
    return capsys.readouterr().out


def test_a_terminal_gets_the_step_at_once(screen: str) -> None:
    assert "0 s: round 1" in screen


def test_a_terminal_has_a_clean_line_at_the_end(screen: str) -> None:
    assert screen.endswith("\r\033[K")
