"""Runs meet in a PostgreSQL that a team shares: a real server from Debian's packages."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from devkit.history import cli

from .suite import Suite

SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SERVERS, reason="no PostgreSQL server: apt-get install postgresql"),
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty database on a server of its own."""
    place = Path("/tmp") / f"pg-{os.getpid()}"  # noqa: S108 - the server's user must reach it
    place.mkdir(mode=0o777)
    as_user: list[str | Path] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(place, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    data = place / "data"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    bin_ = SERVERS[-1]
    subprocess.run(
        [*as_user, bin_ / "initdb", "-D", data, "-A", "trust", "-U", "team"],
        check=True, capture_output=True, cwd="/",
    )  # fmt: skip
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={place}"
    control = [*as_user, bin_ / "pg_ctl", "-D", data, "-w"]
    subprocess.run(
        [*control, "-o", options, "-l", place / "log", "start"], check=True, cwd="/",
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield f"postgresql://team@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "fast", "stop"], check=True, capture_output=True, cwd="/")
        shutil.rmtree(place)


@pytest.fixture
def failed(suite: Suite) -> Suite:
    suite.write("test_it.py", "def test_it(): assert 'nul \\x00' == 1\n")
    suite.run()
    return suite


def test_a_run_is_sent_once(failed: Suite, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        cli.main(["--root", str(failed.root), "push", "--to", url])
    assert capsys.readouterr().out == "1 runs sent\n0 runs sent\n"


def test_triage_reads_from_it(
    failed: Suite, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["--root", str(failed.root), "push", "--to", url])
    store = str(tmp_path / "mine/history.sqlite")
    cli.triage_main(["--store", store, "--from", url])
    assert "AssertionError in test_it" in capsys.readouterr().out


def test_no_server_is_one_line(failed: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["--root", str(failed.root), "push", "--to", "postgresql://127.0.0.1:1/none"])
    assert capsys.readouterr().err.startswith("history: cannot reach the shared database: ")
