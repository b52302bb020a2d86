"""Tests of the commands for runs that are in the outbox."""

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import Result

from my_project.tracking.outbox import acquire_lock
from my_project.tracking.record import Record

Run = Callable[..., Result]
UNREACHABLE_SERVER = (
    "tracking={uri: 'http://127.0.0.1:9', artifacts: null, experiment: x, model: y}"
)
SERVER = "http://127.0.0.1:9"


@pytest.fixture
def undelivered(run: Run, project: Path) -> Path:
    """The directory of a run whose server does not respond."""
    run("train", "--set", UNREACHABLE_SERVER)
    (directory,) = (project / "runs" / "outbox").iterdir()
    return directory


@pytest.fixture
def partial(project: Path) -> Path:
    """The directory of a run without a record, as Kedro leaves it."""
    directory = project / "runs" / "outbox" / "partial"
    directory.mkdir(parents=True)
    (directory / "windows.npz").write_text("windows")
    return directory


def test_unreachable_server_is_an_error(run: Run, project: Path) -> None:
    assert f"kept in {project}" in run("train", "--set", UNREACHABLE_SERVER).output


def test_record_keeps_its_destination(undelivered: Path) -> None:
    assert Record.read(undelivered).store == SERVER


def test_run_is_never_sent_to_another_store(run: Run, undelivered: Path) -> None:
    output = run("resume").output
    assert (f"{SERVER}: no response" in output, undelivered.exists()) == (True, True), output


@pytest.mark.usefixtures("undelivered")
def test_run_that_cannot_be_sent_is_an_error(run: Run) -> None:
    assert run("resume").exit_code == 1


def test_run_of_another_environment_is_skipped(run: Run, project: Path, undelivered: Path) -> None:
    (project / "conf" / "server").mkdir()
    output = run("resume", "--env", "server").output
    assert f"{undelivered.name} belongs to {SERVER}; not sent" in output


@pytest.mark.usefixtures("undelivered")
def test_run_is_redirected_on_request(run: Run) -> None:
    assert run("resume", "--redirect").output.splitlines()[-1] == "1 runs sent"


def test_delivered_run_leaves_the_outbox(run: Run, undelivered: Path) -> None:
    run("resume", "--redirect")
    assert not undelivered.exists()


@pytest.mark.usefixtures("undelivered")
def test_undelivered_run_is_listed(run: Run) -> None:
    assert f"finished, waits for {SERVER}: `resume` sends it" in run("runs", "list").output


@pytest.mark.usefixtures("partial")
def test_partial_run_is_listed(run: Run) -> None:
    assert run("runs", "list").output.endswith("partial: `runs clean` deletes it\n")


def test_partial_run_is_deleted_by_name(run: Run, partial: Path) -> None:
    run("runs", "clean", "partial")
    assert not partial.exists()


def test_old_partial_run_is_deleted(run: Run, partial: Path) -> None:
    for path in (partial / "windows.npz", partial):
        os.utime(path, (0, 0))
    run("runs", "clean")
    assert not partial.exists()


def test_new_partial_run_is_kept(run: Run, partial: Path) -> None:
    run("runs", "clean")
    assert partial.exists()


def test_run_with_a_record_is_never_deleted(run: Run, undelivered: Path) -> None:
    output = run("runs", "clean", undelivered.name).output
    assert (f"no partial run {undelivered.name}" in output, undelivered.exists()) == (True, True)


def test_active_run_is_not_deleted(run: Run, partial: Path) -> None:
    with closing(acquire_lock(partial)):
        run("runs", "clean", "--older-than", "0")
    assert partial.exists()
