"""A small project for tests of the pipeline: the default configuration with little data."""

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
data: { source: { type: seeded, days: 8, seed: 1 } }
training:
  model: { type: pca, components: 6 }
  contamination: 0.05
evaluation:
  metrics: [roc_auc, recall]
  baselines: { other: { type: pca, components: 5 } }
  tolerance: 1.0
  least: 0.0
"""
Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def restore_logging() -> Iterator[None]:
    """Undo the changes of Kedro to the logging."""
    root, level = logging.getLogger(), logging.getLogger().level
    handlers = root.handlers[:]
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated store to copy, because the migration is slow."""
    directory = tmp_path_factory.mktemp("store")
    MlflowTracker("sqlite:///mlflow.db", None, directory).migrate()
    return directory / "mlflow.db"


@pytest.fixture
def project(tmp_path: Path, empty_store: Path) -> Path:
    """The working directory, with a configuration and an empty store."""
    return set_up_project(tmp_path, empty_store)


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Path:
    """A project with one run; `trained` copies it."""
    directory = tmp_path_factory.mktemp("trained")
    output = train_in(directory, empty_store).stdout
    (directory / "output.txt").write_text(output, encoding="utf-8")
    return directory


@pytest.fixture
def trained(tmp_path: Path, trained_once: Path) -> Path:
    """A project with a registered detector; `output.txt` has the output of the training."""
    shutil.copytree(trained_once, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def run() -> Run:
    """A function that runs the command line: `run("train", "--check")`."""

    def runner(*arguments: object) -> Result:
        return CliRunner().invoke(cli.app, [*map(str, arguments)])

    return runner


def set_up_project(directory: Path, store: Path) -> Path:
    """Copy the configuration and a store into a directory, and return it."""
    (directory / "runs").mkdir()
    shutil.copy(store, directory / "runs")
    shutil.copytree(CONF / "base", directory / "conf" / "base")
    shutil.copy(CONF / "logging.yml", directory / "conf")
    (directory / "conf" / "local").mkdir()
    (directory / "conf" / "local" / "parameters.yml").write_text(SMALL, encoding="utf-8")
    return directory


def train_in(directory: Path, store: Path) -> Result:
    """Set up a project in a directory, and train there."""
    set_up_project(directory, store)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(directory)
        return CliRunner().invoke(cli.app, ["train"])
