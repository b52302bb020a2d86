"""A small project for the pipeline: the shipped configuration, with little data and few epochs."""

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from {{= cookiecutter.package_name }} import cli
from {{= cookiecutter.package_name }}.tracking.mlflow_tracker import MlflowTracker

CONF = Path(__file__).parents[2] / "conf"
SMALL = """\
data: { source: { kind: seeded, days: 8, seed: 1 } }
training:
  model: { kind: pca, components: 6 }
  contamination: 0.05
evaluation:
  metrics: [roc_auc, recall]
  baselines: { other: { kind: pca, components: 5 } }
  tolerance: 1.0
  least: 0.0
"""
Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Undo what Kedro does to the logging."""
    root, level = logging.getLogger(), logging.getLogger().level
    handlers = root.handlers[:]
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with its tables, to be copied: MLflow makes them slowly."""
    place = tmp_path_factory.mktemp("store")
    MlflowTracker("sqlite:///mlflow.db", None, place).migrate()
    return place / "mlflow.db"


@pytest.fixture
def project(tmp_path: Path, empty_store: Path) -> Path:
    """A directory with the configuration, in which the test runs."""
    return filled(tmp_path, empty_store)


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Path:
    """A project with one run; `trained` copies it."""
    place = filled(tmp_path_factory.mktemp("trained"), empty_store)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        said = CliRunner().invoke(cli.app, ["train"])
    (place / "said.txt").write_text(said.stdout, encoding="utf-8")
    return place


@pytest.fixture
def trained(tmp_path: Path, trained_once: Path) -> Path:
    """A project with a registered detector; `said.txt` has what the training said."""
    shutil.copytree(trained_once, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def run() -> Run:
    """The command line, in the project of the test: `run("train", "--check")`."""

    def runner(*arguments: object) -> Result:
        return CliRunner().invoke(cli.app, [*map(str, arguments)])

    return runner


def filled(place: Path, store: Path) -> Path:
    """Put the configuration and an empty store into a directory."""
    (place / "runs").mkdir()
    shutil.copy(store, place / "runs")
    shutil.copytree(CONF / "base", place / "conf" / "base")
    shutil.copy(CONF / "logging.yml", place / "conf")
    (place / "conf" / "local").mkdir()
    (place / "conf" / "local" / "parameters.yml").write_text(SMALL, encoding="utf-8")
    return place
