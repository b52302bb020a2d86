"""MLflow's page of a project's runs, and the registered detector behind its server."""

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from devkit.tests.support.ports import free_port
from tests.pipeline.conftest import CLEAN, Project, answers, kill, wait_for
from tests.support.render import BIN, by_api, run

pytestmark = pytest.mark.slow

Ask = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="module")
def trained(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that was set up and trained by its sessions."""
    place = by_api(template, tmp_path_factory.mktemp("serving"), {"ml_pipeline": True})
    project = Project(place, place / ".venv" / "bin").small()
    done = run(f"{BIN}/nox", "--session", "setup", "pipeline", cwd=place, env=CLEAN)
    assert done.code == 0, done.out + done.err
    return project


@contextmanager
def served(project: Project, *words: str) -> Iterator[Ask]:
    """Run the session `mlflow` until the block ends; give what asks it."""
    port = free_port()
    command = (f"{BIN}/nox", "--session=mlflow", "--", *words, f"--port={port}")
    process = project.start(*command)
    try:
        wait_for(lambda: answers(port) or process.poll() is not None, 300)
        assert process.poll() is None, (project.place / "nox.log").read_text(encoding="utf-8")
        yield partial(ask, port)
    finally:
        kill(process)


def ask(port: int, path: str, body: object = None) -> tuple[int, Any]:
    """Return code and text of an answer; what is sent is JSON."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        if body is None:
            connection.request("GET", path)
        else:
            kind = {"Content-Type": "application/json"}
            connection.request("POST", path, json.dumps(body), kind)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


@pytest.fixture(scope="module")
def page(trained: Project) -> Iterator[Ask]:
    """MLflow's user interface."""
    with served(trained) as asks:
        yield asks


def test_page_is_there(page: Ask) -> None:
    code, text = page("/")
    assert (code, "<title>MLflow</title>" in text) == (200, True)


def test_page_knows_the_run(page: Ask) -> None:
    _, found = page("/api/2.0/mlflow/experiments/search", {"max_results": 10})
    ids = [each["experiment_id"] for each in json.loads(found)["experiments"]]
    _, found = page("/api/2.0/mlflow/runs/search", {"experiment_ids": ids})
    assert [each["info"]["status"] for each in json.loads(found)["runs"]] == ["FINISHED"]


@pytest.fixture(scope="module")
def model(trained: Project) -> Iterator[Ask]:
    """The registered detector."""
    with served(trained, "serve") as asks:
        yield asks


@pytest.fixture(scope="module")
def readings(trained: Project) -> list[dict[str, Any]]:
    """The project's sample, as rows of JSON."""
    with (trained.place / "data" / "readings.csv").open(encoding="utf-8", newline="") as file:
        return [{**row, "value": float(row["value"])} for row in csv.DictReader(file)]


def test_readings_are_accepted(model: Ask, readings: list[dict[str, Any]]) -> None:
    code, text = model("/invocations", {"dataframe_records": readings})
    assert code == 200, text


def test_readings_get_scores(model: Ask, readings: list[dict[str, Any]]) -> None:
    _, text = model("/invocations", {"dataframe_records": readings})
    assert set(json.loads(text)["predictions"][0]) == {"start", "end", "score", "anomalous"}


@pytest.mark.parametrize("bad", [{"value": "much"}, {"time": "yesterday"}, {"source": None}])
def test_bad_reading_is_refused(
    model: Ask, readings: list[dict[str, Any]], bad: dict[str, Any]
) -> None:
    code, text = model("/invocations", {"dataframe_records": [readings[0] | bad, *readings[1:]]})
    assert (code, next(iter(bad)) in text) == (400, True), text


@pytest.fixture(scope="module")
def package(trained: Project) -> Path:
    """What `serve --output` writes."""
    done = trained.runs("serve", "--output", "package")
    assert done.code == 0, done.err
    return trained.place / "package"


def test_package_names_exact_requirements(package: Path) -> None:
    lines = (package / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "==" not in line] == []


def test_package_has_nothing_that_runs_when_it_is_loaded(package: Path) -> None:
    assert [path for path in package.rglob("*") if path.suffix in {".pkl", ".joblib"}] == []


def test_package_is_not_written_over(trained: Project, package: Path) -> None:
    assert trained.runs("serve", "--output", package.name).code == 1
