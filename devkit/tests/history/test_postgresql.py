"""Runs meet in a PostgreSQL that a team shares: a real server from Debian's packages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hangar_devkit.history import cli

from ..support.postgresql import MISSING, SERVERS, database
from .suite import Suite

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not SERVERS, reason=MISSING)]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of an empty database on a server of its own."""
    with database("team") as made:
        yield f"postgresql://{made.address}"


@pytest.fixture
def failed(suite: Suite) -> Suite:
    suite.write("test_it.py", "def test_it(): assert 'nul \\x00' == 1\n")
    suite.run()
    return suite


def test_a_run_is_sent_once(failed: Suite, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        cli.main(["--root", str(failed.root), "push", "--to", url])
    assert capsys.readouterr().out == "1 run sent\n0 runs sent\n"


def test_triage_reads_from_it(
    failed: Suite, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["--root", str(failed.root), "push", "--to", url])
    store = str(tmp_path / "mine/history.sqlite")
    cli.triage_main(["--store", store, "--from", url])
    assert "AssertionError in test_it" in capsys.readouterr().out


def test_no_server_is_one_line(failed: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["--root", str(failed.root), "push", "--to", "postgresql://127.0.0.1:1/none"])
    assert capsys.readouterr().err.startswith("hangar history: cannot reach the shared database: ")
