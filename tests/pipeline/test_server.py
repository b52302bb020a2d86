"""Runs and models meet on an MLflow server, which keeps them in a real PostgreSQL."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from devkit.tests.support.ports import free_port
from devkit.tests.support.postgresql import Database
from tests.pipeline.conftest import Project, answers, install, kill, laid, roc_auc, wait_for
from tests.support.render import Run, by_api

pytestmark = pytest.mark.slow


@dataclass
class Server:
    """An MLflow server that can be gone for a while."""

    project: Project
    database: Database
    port: int
    process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> dict[str, str]:
        """What a run needs to know."""
        return {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{self.port}"}

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = self.project.start(
            *(str(self.project.bin / "mlflow"), "server", "--host=127.0.0.1", "--workers=1"),
            f"--port={self.port}",
            f"--backend-store-uri=postgresql+psycopg://{self.database.address}",
            f"--artifacts-destination={self.project.place / 'artifacts'}",
            env={"DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true"},
        )
        wait_for(lambda: answers(self.port), 300)

    def stop(self) -> None:
        """Stop it."""
        if self.process:
            kill(self.process)
            self.process = None

    def ask(self, query: str, *values: str) -> list[tuple[object, ...]]:
        """Look into its database; values take the places of `%s`."""
        with psycopg.connect(f"postgresql://{self.database.address}") as connection:
            return connection.execute(query.encode(), values).fetchall()


@pytest.fixture(scope="module")
def server(
    template: Path, postgresql: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server out of the project's own lock."""
    place = by_api(template, tmp_path_factory.mktemp("server"), {"ml_pipeline": True})
    bin_ = install(place, "--only-group=mlflow")
    server = Server(Project(place, bin_), postgresql, free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def training(server: Server, installed: Project, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A training whose run went to the server."""
    project = laid(installed, tmp_path_factory.mktemp("client")).small()
    done = project.runs("train", "--env", "server", env=server.address)
    assert done.code == 0, done.err
    return done


@pytest.fixture(scope="module")
def delivered(training: Run) -> str:
    """The id of its run; other tests may have put theirs beside it."""
    return training.out.splitlines()[-2].removeprefix("run ")


def test_run_arrives(server: Server, delivered: str) -> None:
    told = server.ask("SELECT status FROM runs WHERE run_uuid = %s", delivered)
    assert told == [("FINISHED",)]


def test_parameters_arrive_leaf_by_leaf(server: Server, delivered: str) -> None:
    query = "SELECT value FROM params WHERE key = 'training.model.kind' AND run_uuid = %s"
    told = server.ask(query, delivered)
    assert told == [("pca",)]


def test_metrics_arrive(server: Server, delivered: str, training: Run) -> None:
    query = "SELECT value FROM latest_metrics WHERE key = 'roc_auc' AND run_uuid = %s"
    told = server.ask(query, delivered)
    assert told == [(float(roc_auc(training)),)]


def test_model_arrives(server: Server, delivered: str) -> None:
    told = server.ask("SELECT name FROM model_versions WHERE run_id = %s", delivered)
    assert told == [("readings",)]


@pytest.mark.usefixtures("delivered")
def test_newest_model_has_the_alias(server: Server) -> None:
    newest = server.ask("SELECT max(version) FROM model_versions")
    assert server.ask("SELECT version FROM registered_model_aliases") == newest


def test_files_go_through_the_server(server: Server, delivered: str) -> None:
    kept = (server.project.place / "artifacts").rglob("*.skops")
    assert [path.name for path in kept if delivered in path.parts] == ["detector.skops"]


@dataclass
class Lonely:
    """A training that nobody took, and what it should say of that."""

    project: Project
    done: Run
    reason: str


GONE = {
    "server": "no server answers there",
    "database": "the server answers, but with errors: is its database there?",
}


@pytest.fixture(scope="module", params=GONE)
def lonely(
    request: pytest.FixtureRequest,
    server: Server,
    installed: Project,
    tmp_path_factory: pytest.TempPathFactory,
) -> Lonely:
    """A training whose server was gone, or was there without its database."""
    project = laid(installed, tmp_path_factory.mktemp("lonely")).small()
    if request.param == "server":
        nowhere = {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}"}
        done = project.runs("train", "--env", "server", env=nowhere)
    else:
        with server.database.gone():
            done = project.runs("train", "--env", "server", env=server.address)
    return Lonely(project, done, GONE[request.param])


def test_what_is_gone_is_said(lonely: Lonely) -> None:
    said = (
        rf"error: http://127.0.0.1:\d+: {re.escape(lonely.reason)}\nkept in \S+; `resume` sends it"
    )
    assert re.search(rf"^{said}\n\Z", lonely.done.err, re.MULTILINE), lonely.done.err


def test_what_is_gone_is_a_failure(lonely: Lonely) -> None:
    assert lonely.done.code == 1


def test_model_is_kept_meanwhile(lonely: Lonely) -> None:
    kept = [path.name for path in (lonely.project.place / "runs" / "outbox").rglob("*.skops")]
    assert kept == ["detector.skops"], lonely.done.err


def test_resume_delivers(server: Server, lonely: Lonely) -> None:
    before = server.ask("SELECT count(*) FROM model_versions")[0][0]
    done = lonely.project.runs("resume", "--env", "server", env=server.address)
    after = server.ask("SELECT count(*) FROM model_versions")[0][0]
    assert (done.code, after) == (0, int(str(before)) + 1), done.err
