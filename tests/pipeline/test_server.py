"""Tracking with an MLflow server on a real PostgreSQL."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from devkit.tests.support.ports import free_port
from devkit.tests.support.postgresql import Database
from tests.pipeline.conftest import (
    Project,
    copy_project,
    install,
    kill,
    roc_auc,
)
from tests.support.render import Run, by_api
from tests.support.servers import is_listening, wait_for

pytestmark = pytest.mark.slow


@dataclass
class Server:
    """An MLflow server that can be stopped and started."""

    project: Project
    database: Database
    port: int
    process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> dict[str, str]:
        """Environment variables of a run that uses the server."""
        return {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{self.port}"}

    def start(self) -> None:
        """Start the server and wait until it listens."""
        self.process = self.project.start(
            *(str(self.project.bin / "mlflow"), "server", "--host=127.0.0.1", "--workers=1"),
            f"--port={self.port}",
            f"--backend-store-uri=postgresql+psycopg://{self.database.address}",
            f"--artifacts-destination={self.project.root / 'artifacts'}",
            env={"DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true"},
        )
        wait_for(lambda: is_listening(self.port), 300)

    def stop(self) -> None:
        """Stop the server."""
        if self.process:
            kill(self.process)
            self.process = None

    def query(self, sql: str, *values: str) -> list[tuple[object, ...]]:
        """Query the database of the server; values replace `%s`."""
        with psycopg.connect(f"postgresql://{self.database.address}") as connection:
            return connection.execute(sql.encode(), values).fetchall()


@pytest.fixture(scope="module")
def server(
    template: Path, postgresql: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server from the lock file of the project."""
    root = by_api(template, tmp_path_factory.mktemp("server"), {"ml_pipeline": True})
    bin_ = install(root, "--only-group=mlflow")
    server = Server(Project(root, bin_), postgresql, free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def training(server: Server, installed: Project, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A training that was delivered to the server."""
    project = copy_project(installed, tmp_path_factory.mktemp("client")).small()
    done = project.runs("train", "--env", "server", env=server.address)
    assert done.code == 0, done.err
    return done


@pytest.fixture(scope="module")
def delivered(training: Run) -> str:
    """The ID of the run of the training."""
    lines = training.out.splitlines()
    return next(line.removeprefix("run ") for line in lines if line.startswith("run "))


def test_run_is_stored(server: Server, delivered: str) -> None:
    rows = server.query("SELECT status FROM runs WHERE run_uuid = %s", delivered)
    assert rows == [("FINISHED",)]


def test_parameters_are_stored_flat(server: Server, delivered: str) -> None:
    sql = "SELECT value FROM params WHERE key = 'training.model.type' AND run_uuid = %s"
    rows = server.query(sql, delivered)
    assert rows == [("pca",)]


def test_metrics_are_stored(server: Server, delivered: str, training: Run) -> None:
    sql = "SELECT value FROM latest_metrics WHERE key = 'roc_auc' AND run_uuid = %s"
    rows = server.query(sql, delivered)
    assert rows == [(float(roc_auc(training)),)]


def test_model_is_registered(server: Server, delivered: str) -> None:
    rows = server.query("SELECT name FROM model_versions WHERE run_id = %s", delivered)
    assert rows == [("readings",)]


@pytest.mark.usefixtures("delivered")
def test_first_model_is_champion(server: Server) -> None:
    sql = "SELECT version FROM registered_model_aliases WHERE alias = 'champion'"
    assert server.query(sql) == [(1,)]


def test_files_go_through_the_server(server: Server, delivered: str) -> None:
    files = (server.project.root / "artifacts").rglob("*.skops")
    assert [path.name for path in files if delivered in path.parts] == ["detector.skops"]


@dataclass
class Undelivered:
    """A training that could not be delivered, and the expected reason."""

    project: Project
    done: Run
    reason: str


REASONS = {
    "server": "no response from a server at this address",
    "database": "the server responds with errors: is its database running?",
}


@pytest.fixture(scope="module", params=REASONS)
def undelivered(
    request: pytest.FixtureRequest,
    server: Server,
    installed: Project,
    tmp_path_factory: pytest.TempPathFactory,
) -> Undelivered:
    """A training without a server, or with a server without its database."""
    project = copy_project(installed, tmp_path_factory.mktemp("undelivered")).small()
    if request.param == "server":
        nowhere = {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}"}
        done = project.runs("train", "--env", "server", env=nowhere)
    else:
        with server.database.stopped():
            done = project.runs("train", "--env", "server", env=server.address)
    return Undelivered(project, done, REASONS[request.param])


def test_reason_is_reported(undelivered: Undelivered) -> None:
    reason = rf"error: http://127.0.0.1:\d+: {re.escape(undelivered.reason)}"
    message = rf"^{reason}\nkept in \S+; send it with `resume`\n\Z"
    assert re.search(message, undelivered.done.err, re.MULTILINE), undelivered.done.err


def test_undelivered_training_fails(undelivered: Undelivered) -> None:
    assert undelivered.done.code == 1


def test_undelivered_model_is_kept(undelivered: Undelivered) -> None:
    outbox = undelivered.project.root / "runs" / "outbox"
    assert [path.name for path in outbox.rglob("*.skops")] == ["detector.skops"], (
        undelivered.done.err
    )


def test_resume_delivers_the_model(server: Server, undelivered: Undelivered) -> None:
    before = server.query("SELECT count(*) FROM model_versions")[0][0]
    done = undelivered.project.runs("resume", "--env", "server", env=server.address)
    after = server.query("SELECT count(*) FROM model_versions")[0][0]
    assert after == int(str(before)) + 1, done.err
