"""The pipeline past one machine: a Dask cluster, and an MLflow server on PostgreSQL."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.support.container import command, generate, succeed

pytestmark = pytest.mark.container

COMPOSE = ("docker", "compose")
PROFILES = ("--profile=scale", "--profile=tracking", "--profile=train")


@pytest.fixture(scope="module")
def composed(engine: docker.DockerClient, shared: Path) -> Iterator[Path]:
    """A project whose scheduler, two workers, server and database are up."""
    place = generate(shared / "pipeline", ml_pipeline=True)
    place = Path(shutil.move(place, shared / "pipeline" / "hangar-test-pipeline"))
    (place / ".env").write_text(f"TRACKING_PASSWORD={'x' * 12}\n", encoding="utf-8")
    compose = place / "compose.yaml"
    # Any port that is free: another server may have that one.
    text = compose.read_text(encoding="utf-8").replace("127.0.0.1:5000:5000", "127.0.0.1::5000")
    compose.write_text(text, encoding="utf-8")
    try:
        succeed(*COMPOSE, "up", "--detach", "--build", "--wait", "worker", "tracking", cwd=place)
        yield place
    finally:
        down = ("--volumes", "--rmi=local", "--timeout=3")
        command(*COMPOSE, *PROFILES, "down", *down, cwd=place)


def train(place: Path, *options: str) -> str:
    """Train in a container; return ROC-AUC, every digit."""
    output = succeed(*COMPOSE, "run", "--rm", "--build", "train", "train", *options, cwd=place)
    found = re.search(r"^roc_auc (\S+)", output, re.MULTILINE)
    assert found, output
    return found[1]


def ask(place: Path, query: str) -> str:
    """Look into the server's database."""
    words = ("psql", "--username=mlflow", "--tuples-only", "--no-align", f"--command={query}")
    return succeed(*COMPOSE, "exec", "-T", "database", *words, cwd=place).strip()


@pytest.fixture(scope="module")
def alone(composed: Path) -> str:
    """ROC-AUC of the steps in one process."""
    return train(composed)


def test_cluster_changes_nothing(composed: Path, alone: str) -> None:
    assert train(composed, "--env=dask") == alone


@pytest.mark.usefixtures("alone")
def test_both_workers_are_used(composed: Path) -> None:
    log = succeed(*COMPOSE, "logs", "scheduler", cwd=composed)
    assert len(set(re.findall(r"Register worker addr: (\S+)", log))) == 2


def test_server_has_what_a_run_found(composed: Path, alone: str) -> None:
    train(composed, "--env=server")
    query = "SELECT value FROM latest_metrics WHERE key = 'roc_auc'"
    assert ask(composed, query) == alone


def test_server_gives_the_model_its_alias(composed: Path, alone: str) -> None:
    train(composed, "--env=server")
    query = "SELECT name FROM registered_model_aliases WHERE alias = 'champion'"
    assert ask(composed, query) == "readings"
