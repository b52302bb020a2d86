"""Tracking with an MLflow server on a real PostgreSQL, with files in S3-compatible storage."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
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
from tests.support.container import UV, succeed
from tests.support.render import Run, by_api
from tests.support.servers import is_listening, wait_for

pytestmark = pytest.mark.slow


@dataclass
class Server:
    """An MLflow server that can be stopped and started."""

    project: Project
    database: Database
    port: int
    storage: str
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
            "--artifacts-destination=s3://models/runs",
            env={
                "DO_NOT_TRACK": "true",
                "MLFLOW_DISABLE_TELEMETRY": "true",
                "MLFLOW_S3_ENDPOINT_URL": self.storage,
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
                "AWS_DEFAULT_REGION": "us-east-1",
            },
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
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of S3-compatible storage with the bucket `models`."""
    port = free_port()
    moto = (UV, "run", "--quiet", "--no-project", "--python=3.11", "--with=moto[server]")
    log = tmp_path_factory.mktemp("storage") / "log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [*moto, "moto_server", "--host=127.0.0.1", f"--port={port}"],
            cwd=log.parent, text=True, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        wait_for(lambda: is_listening(port) or process.poll() is not None, 300)
        assert process.poll() is None, log.read_text(encoding="utf-8")
        assert request(port, "PUT", "/models")[0] == 200
        yield f"http://127.0.0.1:{port}"
    finally:
        kill(process)


def request(port: int, method: str, path: str) -> tuple[int, str]:
    """Send a request to the storage; return status and text of the response."""
    key = "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/s3/aws4_request"
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request(method, path, headers={"Authorization": key})
        response = connection.getresponse()
        return response.status, response.read().decode()


@pytest.fixture(scope="module")
def server(
    template: Path,
    postgresql: Database,
    storage: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    """A server from the lock file of the project, with the library for the storage."""
    root = by_api(template, tmp_path_factory.mktemp("server"), {"ml_pipeline": True})
    succeed(UV, "add", "--quiet", "--no-sync", "--group=mlflow", "boto3", cwd=root)
    bin_ = install(root, "--only-group=mlflow")
    server = Server(Project(root, bin_), postgresql, free_port(), storage)
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
    port = int(server.storage.rpartition(":")[2])
    _, listing = request(port, "GET", "/models?list-type=2&prefix=runs/")
    keys = re.findall("<Key>([^<]+)</Key>", listing)
    found = [key for key in keys if delivered in key and key.endswith("/detector.skops")]
    assert len(found) == 1, keys


@pytest.mark.usefixtures("delivered")
def test_model_is_used_from_the_storage(server: Server, installed: Project, tmp_path: Path) -> None:
    project = copy_project(installed, tmp_path).small()
    arguments = ("score", "data/readings.csv", "--env", "server")
    done = project.runs(*arguments, env=server.address)
    assert "12 predictions" in done.out, done.err


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
