"""A small project for the pipeline: the shipped configuration, with little data and few epochs."""

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from {{= cookiecutter.package_name }} import cli

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


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A directory with the configuration, in which the test runs."""
    shutil.copytree(CONF / "base", tmp_path / "conf" / "base")
    shutil.copy(CONF / "logging.yml", tmp_path / "conf")
    (tmp_path / "conf" / "local").mkdir()
    (tmp_path / "conf" / "local" / "parameters.yml").write_text(SMALL, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(project: Path) -> Run:  # noqa: ARG001 (there must be one)
    """The command line, in the project: `run("train", "--check")`."""

    def runner(*arguments: object) -> Result:
        return CliRunner().invoke(cli.app, [*map(str, arguments)])

    return runner
