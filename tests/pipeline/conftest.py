"""A project with the pipeline, installed like a user's project, and copies of it to run."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from devkit.tests.support.postgresql import MISSING, SERVERS, Database, database
from tests.support.container import UV, succeed
from tests.support.render import Run, by_api, run

collect_ignore = ["framework"]  # test_framework.py runs it in a project

# Overrides of the default configuration, for a fast training.
SMALL = {
    "data": {"source": {"type": "seeded", "days": 8, "seed": 1}},
    "training": {"model": {"type": "pca", "components": 6}, "contamination": 0.05, "seed": 3},
    "evaluation": {
        "metrics": ["roc_auc"],
        "baselines": {"other": {"type": "pca", "components": 5}},
        "tolerance": 1.0,
        "least": 0.0,
    },
}
# Remove the variables of this machine that would change a run.
CLEAN: dict[str, str | None] = dict.fromkeys(
    [
        *("CI", "PYTHONDONTWRITEBYTECODE", "DO_NOT_TRACK", "PIPELINE_RUN"),
        *(name for name in os.environ if name.startswith(("MLFLOW_", "DASK_", "KEDRO_"))),
    ]
)


@dataclass(frozen=True)
class Project:
    """A working directory for the pipeline, and the environment that runs it."""

    root: Path
    bin: Path

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of the program."""
        return [str(self.bin / "my-project"), *arguments]

    def runs(self, *arguments: str, env: Mapping[str, str] | None = None) -> Run:
        """Run the program."""
        return run(*self.command(*arguments), cwd=self.root, env={**CLEAN, **(env or {})})

    def start(self, *command: str, **options: Any) -> subprocess.Popen[str]:
        """Start a command of the environment in the background, with its output in a log file."""
        env = {**os.environ, **CLEAN, **options.pop("env", {})}
        with (self.root / f"{Path(command[0]).name}.log").open("a", encoding="utf-8") as log:
            return subprocess.Popen(
                command, cwd=self.root, text=True, stdout=log, stderr=log, start_new_session=True,
                env={name: value for name, value in env.items() if value is not None}, **options,
            )  # fmt: skip

    def small(self) -> "Project":
        """Configure a fast training, and return the project."""
        file = self.root / "conf" / "base" / "parameters.yml"
        declared = yaml.safe_load(file.read_text(encoding="utf-8"))
        file.write_text(yaml.safe_dump(declared | SMALL), encoding="utf-8")
        return self


def roc_auc(done: Run) -> str:
    """Return the exact ROC-AUC from the last line of a training."""
    match = re.search(r"^roc_auc (\S+)\n\Z", done.out, re.MULTILINE)
    assert match, done.out + done.err
    return match[1]


def install(root: Path, *options: str, python: str = "3.11") -> Path:
    """Lock a project, install its environment, and return the directory of its programs."""
    succeed(UV, "lock", "--quiet", cwd=root)
    env = {"VIRTUAL_ENV": "", "UV_PYTHON": python}
    succeed(UV, "sync", "--quiet", "--frozen", "--no-dev", *options,
            cwd=root, env=env)  # fmt: skip
    return root / ".venv" / "bin"


@pytest.fixture(scope="session")
def installed(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """An installed project with Dask. Run it in a copy."""
    root = by_api(template, tmp_path_factory.mktemp("pipeline"), {"ml_pipeline": True})
    return Project(root, install(root, "--extra=dask"))


def copy_project(installed: Project, root: Path, store: Path | None = None) -> Project:
    """Copy configuration, data and an optional store into a directory, and return the project."""
    shutil.copytree(installed.root / "conf", root / "conf")
    shutil.copytree(installed.root / "data", root / "data")
    if store:
        (root / "runs").mkdir()
        shutil.copy(store, root / "runs")
    return Project(root, installed.bin)


@pytest.fixture(scope="session")
def empty_store(installed: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store, as the setup creates it."""
    project = copy_project(installed, tmp_path_factory.mktemp("store"))
    python = project.bin / "python"
    done = run(python, "-m", "my_project.pipeline", cwd=project.root, env=CLEAN)
    assert done.code == 0, done.err
    return project.root / "runs" / "mlflow.db"


@pytest.fixture
def fresh(installed: Project, tmp_path: Path) -> Project:
    """A project before the setup, without a store."""
    return copy_project(installed, tmp_path)


@pytest.fixture
def project(installed: Project, tmp_path: Path, empty_store: Path) -> Project:
    """A project after the setup."""
    return copy_project(installed, tmp_path, empty_store)


@pytest.fixture(scope="session")
def shipped(installed: Project, empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Exact ROC-AUC of the default configuration."""
    project = copy_project(installed, tmp_path_factory.mktemp("shipped"), empty_store)
    return roc_auc(project.runs("train"))


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a process that was started here, and its children."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Database]:
    """An empty database on its own server."""
    if not SERVERS:
        pytest.skip(MISSING)
    with database("mlflow") as empty:
        yield empty
