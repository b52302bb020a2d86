"""Two sessions that run at once share the store, and each reports its own run."""

import re
import subprocess

import pytest

from .suite import RECORDER, Suite


def begin(suite: Suite, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        suite.command(*RECORDER, *options), cwd=suite.root, env=suite.settings(),
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def summarized(printed: str) -> list[str]:
    """Return the titles of the classes in a session's summary."""
    return re.findall(r"^history:   E-\w+ +\d+ x (.*) \[\w+\]$", printed, re.MULTILINE)


@pytest.fixture
def both(suite: Suite) -> tuple[str, str]:
    """What two sessions print: the second begins and ends while the first still runs."""
    suite.write(
        "test_long.py",
        """
        from pathlib import Path
        import time
        def test_long():
            until = time.monotonic() + 60
            while not Path("short is over").exists() and time.monotonic() < until:
                time.sleep(0.05)
            raise RuntimeError("long")
        """,
    )
    suite.write("test_short.py", "def test_short(): raise ValueError('short')\n")
    long = begin(suite, "test_long.py")
    short = begin(suite, "test_short.py").communicate(timeout=120)[0]
    suite.write("short is over", "")
    return long.communicate(timeout=120)[0], short


def test_the_longer_session_reports_its_own_failure(both: tuple[str, str]) -> None:
    assert summarized(both[0]) == ["RuntimeError in test_long: long"]


def test_the_shorter_session_reports_its_own_failure(both: tuple[str, str]) -> None:
    assert summarized(both[1]) == ["ValueError in test_short: short"]


def test_a_session_that_passes_reports_no_failure_of_another(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
        from pathlib import Path
        import time
        def test_passes():
            until = time.monotonic() + 60
            while not Path("over").exists() and time.monotonic() < until:
                time.sleep(0.05)
        """,
    )
    suite.write("test_fails.py", "def test_fails(): raise ValueError\n")
    passing = begin(suite, "test_it.py")
    begin(suite, "test_fails.py").communicate(timeout=120)
    suite.write("over", "")
    assert summarized(passing.communicate(timeout=120)[0]) == []


def test_two_sessions_at_once_are_two_runs(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
        import pytest, time
        @pytest.mark.parametrize("i", range(150))
        def test_it(i): time.sleep(0.005)
        """,
    )
    for session in [begin(suite), begin(suite)]:
        session.communicate(timeout=120)
    assert suite.query("SELECT tests FROM run") == [(150,), (150,)]
