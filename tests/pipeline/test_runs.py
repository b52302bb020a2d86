"""Concurrent first runs, killed runs, and runs without a network."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.pipeline.conftest import CLEAN, Project, install, kill, roc_auc
from tests.support.container import UV, succeed
from tests.support.render import BIN, by_api, run
from tests.support.servers import wait_for

pytestmark = pytest.mark.slow

RUNS = 8


def test_concurrent_first_runs_succeed(fresh: Project) -> None:
    fresh.small()
    started = [fresh.start(*fresh.command("train")) for _ in range(RUNS)]
    assert [process.wait(900) for process in started] == [0] * RUNS


@pytest.fixture
def killed(project: Project) -> Project:
    """A project whose training was killed after its first checkpoint."""
    process = project.start(*project.command("train"))
    checkpoints = project.root / "runs" / "checkpoints"
    wait_for(lambda: any(path.is_file() for path in checkpoints.rglob("*")), 300)
    kill(process)
    return project


def test_killed_training_resumes_with_the_same_result(shipped: str, killed: Project) -> None:
    assert roc_auc(killed.runs("train")) == shipped


def test_resume_reports_a_killed_training(killed: Project) -> None:
    killed.runs("resume")
    with closing(sqlite3.connect(killed.root / "runs" / "mlflow.db")) as store:
        assert store.execute("SELECT status FROM runs").fetchall() == [("KILLED",)]


def test_resume_ignores_an_active_training(  # noqa: TL001 (one long training)
    project: Project,
) -> None:
    training = project.start(*project.command("train"))
    outbox = project.root / "runs" / "outbox"
    wait_for(lambda: any(outbox.glob("*/record.json")), 300)
    assert project.runs("resume").out == "0 runs sent\n"
    assert training.wait(300) == 0


@pytest.fixture
def traced_offline(tmp_path: Path) -> Callable[..., list[str]]:
    """A function that runs a command without a network and returns its calls to IP addresses."""
    missing = [name for name in ("unshare", "strace") if not shutil.which(name)]
    if missing:
        pytest.skip(f"{missing[0]} is not installed: apt-get install util-linux strace")

    def calls(*command: object, cwd: Path) -> list[str]:
        log = tmp_path / "calls"
        strace = ("strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o", str(log))
        done = run("unshare", "--net", *strace, *command, cwd=cwd, env={**CLEAN, "UV_OFFLINE": "1"})
        assert done.code == 0, done.out + done.err
        return [line for line in log.read_text().splitlines() if "AF_INET" in line]

    return calls


def test_training_attempts_no_connection(
    project: Project, traced_offline: Callable[..., list[str]]
) -> None:
    project.small()
    assert traced_offline(*project.command("train"), cwd=project.root) == []


def test_scoring_attempts_no_connection(
    project: Project, traced_offline: Callable[..., list[str]]
) -> None:
    project.small().runs("train")
    assert traced_offline(*project.command("score", "data/readings.csv"), cwd=project.root) == []


def test_generating_and_setup_attempt_no_connection(
    template: Path, tmp_path: Path, traced_offline: Callable[..., list[str]]
) -> None:
    warm = by_api(template, tmp_path / "warm", {"ml_pipeline": True})
    succeed(UV, "sync", "--quiet", cwd=warm, env={"VIRTUAL_ENV": ""})  # fills the cache of uv
    generate = f"{BIN}/cookiecutter {template} --no-input --output-dir cold ml_pipeline=true"
    setup = f"cd cold/my-project && {BIN}/nox --session=setup"
    assert traced_offline("sh", "-c", f"{generate} && {setup}", cwd=tmp_path) == []


@pytest.fixture(scope="module")
def site_packages(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed packages of a project with the pipeline."""
    root = by_api(template, tmp_path_factory.mktemp("option"), {"ml_pipeline": True})
    return next(install(root).parent.glob("lib/*/site-packages"))


def test_option_takes_at_most_550_mb(site_packages: Path) -> None:
    assert int(succeed("du", "-sm", site_packages).split()[0]) <= 550


def test_option_adds_at_most_90_packages(site_packages: Path) -> None:
    assert len([*site_packages.glob("*.dist-info")]) <= 90
