"""First runs side by side, a killed run, and a machine without a network."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.pipeline.conftest import CLEAN, Project, install, roc_auc, wait_for
from tests.support.container import succeed
from tests.support.render import by_api, run

pytestmark = pytest.mark.slow

RUNS = 8


def test_first_runs_side_by_side_survive(fresh: Project) -> None:
    fresh.small()
    started = [fresh.start(*fresh.words("train")) for _ in range(RUNS)]
    assert [process.wait(900) for process in started] == [0] * RUNS


def test_killed_training_goes_on_to_the_same(shipped: str, project: Project) -> None:
    killed = project.start(*project.words("train"))
    checkpoints = project.place / "runs" / "checkpoints"
    wait_for(lambda: any(path.is_file() for path in checkpoints.rglob("*")), 300)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait(30)
    assert roc_auc(project.runs("train")) == shipped


def test_no_connection_is_attempted(project: Project, tmp_path: Path) -> None:
    """In a namespace without a route, every call that names an internet address is written down."""
    missing = [name for name in ("unshare", "strace") if not shutil.which(name)]
    if missing:
        pytest.skip(f"no {missing[0]}: apt-get install util-linux strace")
    said = tmp_path / "calls"
    calls = ("strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-A", "-o", str(said))
    project.small()
    for words in (["train"], ["score", "data/readings.csv"]):
        done = run("unshare", "--net", *calls, *project.words(*words), cwd=project.place, env=CLEAN)
        assert done.code == 0, done.err
    assert [line for line in said.read_text().splitlines() if "AF_INET" in line] == []


def test_option_is_small(template: Path, tmp_path: Path) -> None:
    place = by_api(template, tmp_path, {"ml_pipeline": True})
    site = next(install(place).parent.glob("lib/*/site-packages"))
    size = int(succeed("du", "-sm", site).split()[0])
    packages = len([*site.glob("*.dist-info")])
    assert (size <= 550, packages <= 90) == (True, True), (size, packages)
