"""Runs and models meet on an MLflow server, which keeps them in a real PostgreSQL."""

import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.pipeline.conftest import Project, answers, free_port, install, laid, roc_auc, wait_for
from tests.support.render import Run, by_api

pytestmark = pytest.mark.slow


@dataclass
class Server:
    """An MLflow server that can be gone for a while."""

    project: Project
    database: str
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
            f"--backend-store-uri=postgresql+psycopg://{self.database}",
            f"--artifacts-destination={self.project.place / 'artifacts'}",
            env={"DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true"},
        )
        wait_for(lambda: answers(self.port), 300)

    def stop(self) -> None:
        """Stop it."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(30)
            self.process = None

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """Look into its database."""
        with psycopg.connect(f"postgresql://{self.database}") as connection:
            return connection.execute(query.encode()).fetchall()


@pytest.fixture(scope="module")
def server(
    template: Path, postgresql: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server out of the project's own lock."""
    place = by_api(template, tmp_path_factory.mktemp("server"), {"ml_pipeline": True})
    bin_ = install(place, "--only-group=mlflow")
    server = Server(Project(place, bin_), postgresql, free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def delivered(server: Server, installed: Project, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A training whose run went to the server."""
    project = laid(installed, tmp_path_factory.mktemp("client")).small()
    return project.runs("train", "--env", "server", env=server.address)


def test_run_arrives(server: Server, delivered: Run) -> None:
    assert delivered.code == 0, delivered.err
    assert server.ask("SELECT status FROM runs") == [("FINISHED",)]


def test_parameters_arrive_leaf_by_leaf(server: Server, delivered: Run) -> None:
    told = server.ask("SELECT value FROM params WHERE key = 'training.model.kind'")
    assert told == [("pca",)], delivered.err


def test_metrics_arrive(server: Server, delivered: Run) -> None:
    told = server.ask("SELECT value FROM latest_metrics WHERE key = 'roc_auc'")
    assert told == [(float(roc_auc(delivered)),)]


def test_model_arrives_with_its_alias(server: Server, delivered: Run) -> None:
    told = server.ask("SELECT name, alias, version FROM registered_model_aliases")
    assert told == [("readings", "champion", 1)], delivered.err


def test_files_go_through_the_server(server: Server, delivered: Run) -> None:
    kept = [path.name for path in (server.project.place / "artifacts").rglob("*.skops")]
    assert kept == ["detector.skops"], delivered.err


@pytest.fixture(scope="module")
def lonely(
    server: Server, installed: Project, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Project, Run]:
    """A training whose server was gone."""
    project = laid(installed, tmp_path_factory.mktemp("lonely")).small()
    nowhere = {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}"}
    return project, project.runs("train", "--env", "server", env=nowhere)


def test_server_gone_is_said(lonely: tuple[Project, Run]) -> None:
    _, done = lonely
    assert (done.code, "error: http://127.0.0.1:" in done.err, "Traceback" in done.err) == (
        1,
        True,
        False,
    ), done.err


def test_model_is_kept_when_the_server_is_gone(lonely: tuple[Project, Run]) -> None:
    project, done = lonely
    kept = [path.name for path in (project.place / "runs" / "outbox").rglob("*.skops")]
    assert kept == ["detector.skops"], done.err


def test_resume_delivers(server: Server, lonely: tuple[Project, Run]) -> None:
    project, _ = lonely
    before = server.ask("SELECT count(*) FROM model_versions")[0][0]
    done = project.runs("resume", "--env", "server", env=server.address)
    after = server.ask("SELECT count(*) FROM model_versions")[0][0]
    assert (done.code, after) == (0, int(str(before)) + 1), done.err
