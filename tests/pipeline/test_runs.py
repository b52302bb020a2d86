"""First runs side by side, a killed run, and a machine without a network."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.pipeline.conftest import CLEAN, Project, install, kill, roc_auc, wait_for
from tests.support.container import UV, succeed
from tests.support.render import BIN, by_api, run

pytestmark = pytest.mark.slow

RUNS = 8


def test_first_runs_side_by_side_survive(fresh: Project) -> None:
    fresh.small()
    started = [fresh.start(*fresh.words("train")) for _ in range(RUNS)]
    assert [process.wait(900) for process in started] == [0] * RUNS


@pytest.fixture
def killed(project: Project) -> Project:
    """A project whose training was killed once it had a checkpoint."""
    process = project.start(*project.words("train"))
    checkpoints = project.place / "runs" / "checkpoints"
    wait_for(lambda: any(path.is_file() for path in checkpoints.rglob("*")), 300)
    kill(process)
    return project


def test_killed_training_goes_on_to_the_same(shipped: str, killed: Project) -> None:
    assert roc_auc(killed.runs("train")) == shipped


def test_killed_training_is_told_by_resume(killed: Project) -> None:
    killed.runs("resume")
    with closing(sqlite3.connect(killed.place / "runs" / "mlflow.db")) as store:
        assert store.execute("SELECT status FROM runs").fetchall() == [("KILLED",)]


def test_training_that_goes_on_is_left_alone_by_resume(  # noqa: TL001 (one long training)
    project: Project,
) -> None:
    training = project.start(*project.words("train"))
    outbox = project.place / "runs" / "outbox"
    wait_for(lambda: any(outbox.glob("*/record.json")), 300)
    assert project.runs("resume").out == "0 runs sent\n"
    assert training.wait(300) == 0


@pytest.fixture
def alone(tmp_path: Path) -> Callable[..., list[str]]:
    """Run a command in a namespace without a route; return its calls to internet addresses."""
    missing = [name for name in ("unshare", "strace") if not shutil.which(name)]
    if missing:
        pytest.skip(f"no {missing[0]}: apt-get install util-linux strace")

    def calls(*words: object, cwd: Path) -> list[str]:
        said = tmp_path / "calls"
        watched = ("strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o", str(said))
        done = run("unshare", "--net", *watched, *words, cwd=cwd, env={**CLEAN, "UV_OFFLINE": "1"})
        assert done.code == 0, done.out + done.err
        return [line for line in said.read_text().splitlines() if "AF_INET" in line]

    return calls


def test_no_connection_is_attempted_to_train(
    project: Project, alone: Callable[..., list[str]]
) -> None:
    project.small()
    assert alone(*project.words("train"), cwd=project.place) == []


def test_no_connection_is_attempted_to_score(
    project: Project, alone: Callable[..., list[str]]
) -> None:
    project.small().runs("train")
    assert alone(*project.words("score", "data/readings.csv"), cwd=project.place) == []


def test_no_connection_is_attempted_to_generate_and_set_up(
    template: Path, tmp_path: Path, alone: Callable[..., list[str]]
) -> None:
    warm = by_api(template, tmp_path / "warm", {"ml_pipeline": True})
    succeed(UV, "sync", "--quiet", cwd=warm, env={"VIRTUAL_ENV": ""})  # fills uv's cache
    generate = f"{BIN}/cookiecutter {template} --no-input --output-dir cold ml_pipeline=true"
    setup = f"cd cold/my-project && {BIN}/nox --session=setup"
    assert alone("sh", "-c", f"{generate} && {setup}", cwd=tmp_path) == []


def test_option_is_small(template: Path, tmp_path: Path) -> None:
    place = by_api(template, tmp_path, {"ml_pipeline": True})
    site = next(install(place).parent.glob("lib/*/site-packages"))
    size = int(succeed("du", "-sm", site).split()[0])
    packages = len([*site.glob("*.dist-info")])
    assert (size <= 550, packages <= 90) == (True, True), (size, packages)
