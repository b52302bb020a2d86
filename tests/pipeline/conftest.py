"""A project with the pipeline, installed as a user has it, and copies of it that run."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from devkit.tests.support.postgresql import MISSING, SERVERS, Database, database
from tests.support.container import UV, succeed
from tests.support.render import Run, by_api, run

# What goes over the shipped configuration, for a model that is trained at once.
SMALL = {
    "data": {"source": {"kind": "seeded", "days": 8, "seed": 1}},
    "training": {"model": {"kind": "pca", "components": 6}, "contamination": 0.05, "seed": 3},
    "evaluation": {
        "metrics": ["roc_auc"],
        "baselines": {"other": {"kind": "pca", "components": 5}},
        "tolerance": 1.0,
        "least": 0.0,
    },
}
# As on a user's machine: modules are compiled once, nothing of this one's settings is seen.
CLEAN: dict[str, str | None] = dict.fromkeys(
    [
        *("CI", "PYTHONDONTWRITEBYTECODE", "DO_NOT_TRACK", "PIPELINE_RUN"),
        *(name for name in os.environ if name.startswith(("MLFLOW_", "DASK_", "KEDRO_"))),
    ]
)


@dataclass(frozen=True)
class Project:
    """A directory that the pipeline runs in, and the environment that runs it."""

    place: Path
    bin: Path

    def words(self, *arguments: str) -> list[str]:
        """Return the command line of the program."""
        return [str(self.bin / "my-project"), *arguments]

    def runs(self, *arguments: str, env: Mapping[str, str] | None = None) -> Run:
        """Run the program."""
        return run(*self.words(*arguments), cwd=self.place, env={**CLEAN, **(env or {})})

    def start(self, *command: str, **options: Any) -> subprocess.Popen[str]:
        """Start a command of the environment beside the test; what it prints goes to a file."""
        env = {**os.environ, **CLEAN, **options.pop("env", {})}
        with (self.place / f"{Path(command[0]).name}.log").open("a", encoding="utf-8") as log:
            return subprocess.Popen(
                command, cwd=self.place, text=True, stdout=log, stderr=log, start_new_session=True,
                env={name: value for name, value in env.items() if value is not None}, **options,
            )  # fmt: skip

    def small(self) -> "Project":
        """Let it train at once from now on."""
        file = self.place / "conf" / "base" / "parameters.yml"
        declared = yaml.safe_load(file.read_text(encoding="utf-8"))
        file.write_text(yaml.safe_dump(declared | SMALL), encoding="utf-8")
        return self


def roc_auc(done: Run) -> str:
    """Read the last line of a training, every digit."""
    found = re.search(r"^ROC-AUC (\S+)\n\Z", done.out, re.MULTILINE)
    assert found, done.out + done.err
    return found[1]


def install(place: Path, *options: str, python: str = "3.11") -> Path:
    """Lock a project if it is not, and make its environment; return where its programs are."""
    succeed(UV, "lock", "--quiet", cwd=place)
    env = {"VIRTUAL_ENV": "", "UV_PYTHON": python}
    succeed(UV, "sync", "--quiet", "--frozen", "--no-dev", *options,
            cwd=place, env=env)  # fmt: skip
    return place / ".venv" / "bin"


@pytest.fixture(scope="session")
def installed(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project with all that it needs at run time, and Dask. Run it in a copy."""
    place = by_api(template, tmp_path_factory.mktemp("pipeline"), {"ml_pipeline": True})
    return Project(place, install(place, "--extra=dask"))


def laid(installed: Project, place: Path, store: Path | None = None) -> Project:
    """Lay what a run needs into a directory: after the setup if there is a store, else before."""
    shutil.copytree(installed.place / "conf", place / "conf")
    shutil.copytree(installed.place / "data", place / "data")
    if store:
        (place / "runs").mkdir()
        shutil.copy(store, place / "runs")
    return Project(place, installed.bin)


@pytest.fixture(scope="session")
def empty_store(installed: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with its tables, as the setup makes it."""
    project = laid(installed, tmp_path_factory.mktemp("store"))
    python = project.bin / "python"
    done = run(python, "-m", "my_project.pipeline", cwd=project.place, env=CLEAN)
    assert done.code == 0, done.err
    return project.place / "runs" / "mlflow.db"


@pytest.fixture
def fresh(installed: Project, tmp_path: Path) -> Project:
    """A project that was not set up: it has no store."""
    return laid(installed, tmp_path)


@pytest.fixture
def project(installed: Project, tmp_path: Path, empty_store: Path) -> Project:
    """A project that was set up."""
    return laid(installed, tmp_path, empty_store)


@pytest.fixture(scope="session")
def shipped(installed: Project, empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """ROC-AUC of the shipped example, every digit."""
    project = laid(installed, tmp_path_factory.mktemp("shipped"), empty_store)
    return roc_auc(project.runs("train"))


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a process that was started here, with all that it started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)


def wait_for(condition: Callable[[], bool], patience: float = 120) -> None:
    """Wait until something holds; fail if it never does."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def answers(port: int) -> bool:
    """Say whether something listens on a port of this machine."""
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Database]:
    """An empty database on a server of its own."""
    if not SERVERS:
        pytest.skip(MISSING)
    with database("mlflow") as made:
        yield made
