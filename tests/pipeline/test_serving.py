"""The user interface of MLflow, and the registered detector behind its server."""

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
from tests.pipeline.conftest import CLEAN, Project, kill
from tests.support.render import BIN, by_api, run
from tests.support.servers import is_listening, wait_for

pytestmark = pytest.mark.slow

Request = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="module")
def trained(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that was set up and trained by its sessions."""
    root = by_api(template, tmp_path_factory.mktemp("serving"), {"ml_pipeline": True})
    project = Project(root, root / ".venv" / "bin").small()
    done = run(f"{BIN}/nox", "--session", "setup", "pipeline", cwd=root, env=CLEAN)
    assert done.code == 0, done.out + done.err
    return project


@contextmanager
def served(project: Project, *arguments: str) -> Iterator[Request]:
    """Run the session `mlflow` in the block; yield a function that sends requests to it."""
    port = free_port()
    command = (f"{BIN}/nox", "--session=mlflow", "--", *arguments, f"--port={port}")
    process = project.start(*command)
    try:
        wait_for(lambda: is_listening(port) or process.poll() is not None, 300)
        assert process.poll() is None, (project.root / "nox.log").read_text(encoding="utf-8")
        yield partial(send_request, port)
    finally:
        kill(process)


def send_request(port: int, path: str, body: object = None) -> tuple[int, Any]:
    """Send a request, with an optional JSON body; return status and text of the response."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        if body is None:
            connection.request("GET", path)
        else:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", path, json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, response.read().decode()


@pytest.fixture(scope="module")
def page(trained: Project) -> Iterator[Request]:
    """The user interface of MLflow."""
    with served(trained) as send:
        yield send


def test_page_is_served(page: Request) -> None:
    _, text = page("/")
    assert "<title>MLflow</title>" in text


def test_page_has_the_run(page: Request) -> None:
    _, text = page("/api/2.0/mlflow/experiments/search", {"max_results": 10})
    ids = [each["experiment_id"] for each in json.loads(text)["experiments"]]
    _, text = page("/api/2.0/mlflow/runs/search", {"experiment_ids": ids})
    assert [each["info"]["status"] for each in json.loads(text)["runs"]] == ["FINISHED"]


@pytest.fixture(scope="module")
def model(trained: Project) -> Iterator[Request]:
    """The registered detector."""
    with served(trained, "serve") as send:
        yield send


@pytest.fixture(scope="module")
def readings(trained: Project) -> list[dict[str, Any]]:
    """The sample readings, as rows of JSON."""
    with (trained.root / "data" / "readings.csv").open(encoding="utf-8", newline="") as file:
        return [{**row, "value": float(row["value"])} for row in csv.DictReader(file)]


def test_readings_are_accepted(model: Request, readings: list[dict[str, Any]]) -> None:
    code, text = model("/invocations", {"dataframe_records": readings})
    assert code == 200, text


def test_readings_get_scores(model: Request, readings: list[dict[str, Any]]) -> None:
    _, text = model("/invocations", {"dataframe_records": readings})
    assert set(json.loads(text)["predictions"][0]) == {"start", "end", "score", "anomalous"}


@pytest.fixture(scope="module", params=[("value", "much"), ("time", "yesterday"), ("source", None)])
def invalid(
    request: pytest.FixtureRequest, model: Request, readings: list[dict[str, Any]]
) -> tuple[str, int, str]:
    """Name of an invalid field, and status and text of the response."""
    name, value = request.param
    rows = [readings[0] | {name: value}, *readings[1:]]
    return (name, *model("/invocations", {"dataframe_records": rows}))


def test_invalid_reading_is_a_bad_request(invalid: tuple[str, int, str]) -> None:
    assert invalid[1] == 400


def test_invalid_field_is_named(invalid: tuple[str, int, str]) -> None:
    assert invalid[0] in invalid[2]


def test_share_of_invalid_rows_is_reported(model: Request, readings: list[dict[str, Any]]) -> None:
    rows = [readings[0] | {"value": 1e9}, *readings[1:]]
    _, text = model("/invocations", {"dataframe_records": rows})
    assert "1 of 288 rows (0.3%) are invalid" in text


def test_drift_is_logged(trained: Project, model: Request, readings: list[dict[str, Any]]) -> None:
    rows = [{**each, "value": each["value"] * 3} for each in readings]
    model("/invocations", {"dataframe_records": rows})
    log = (trained.root / "nox.log").read_text(encoding="utf-8")
    assert "drift: yes: value of boiler-1 differs by" in log


@pytest.fixture(scope="module")
def package(trained: Project) -> Path:
    """The package that `serve --output` writes."""
    done = trained.runs("serve", "--output", "package")
    assert done.code == 0, done.err
    return trained.root / "package"


def test_package_pins_its_requirements(package: Path) -> None:
    lines = (package / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "==" not in line] == []


def test_package_has_no_pickle(package: Path) -> None:
    assert [path for path in package.rglob("*") if path.suffix in {".pkl", ".joblib"}] == []


def test_package_is_not_overwritten(trained: Project, package: Path) -> None:
    assert trained.runs("serve", "--output", package.name).code == 1
