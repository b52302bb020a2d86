"""All runners give the same ROC-AUC, to the last digit."""

import os
import signal
from collections.abc import Iterator

import pytest

from devkit.tests.support.ports import free_port
from tests.pipeline.conftest import Project, roc_auc
from tests.support.container import succeed
from tests.support.servers import is_listening, wait_for

pytestmark = pytest.mark.slow
# A step may return anything; Dask itself takes lists and dictionaries apart.
SAVED = """
import sys
from distributed import Client
from my_project.pipeline.dask_runner import ClusterMemory
with Client(sys.argv[1]):
    for number, data in enumerate([{}, {"a": [1]}, [1, 2], ("a", 1), {1}, "text"]):
        memory = ClusterMemory(str(number))
        memory.save(data)
        if memory.load() != data:
            print(data)
"""


@pytest.fixture
def cluster(project: Project) -> Iterator[str]:
    """The address of a Dask scheduler with two workers, in separate processes."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    dask = str(project.bin / "dask")
    scheduler = ("scheduler", "--host=127.0.0.1", f"--port={port}", "--no-dashboard")
    worker = ("worker", address, "--nthreads=1", "--no-dashboard", "--host=127.0.0.1")
    started = [project.start(dask, *scheduler)]
    try:
        wait_for(lambda: is_listening(port))
        started += [project.start(dask, *worker) for _ in range(2)]
        yield address
    finally:
        for process in reversed(started):
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def test_example_is_good_enough(shipped: str) -> None:
    assert float(shipped) >= 0.99


@pytest.mark.parametrize("runner", ["thread", "parallel"])
def test_runner_gives_the_same_score(shipped: str, project: Project, runner: str) -> None:
    done = project.runs("train", "--set", f"execution.runner.type={runner}")
    assert roc_auc(done) == shipped


def test_dask_gives_the_same_score(shipped: str, project: Project, cluster: str) -> None:
    done = project.runs("train", "--env", "dask", env={"DASK_SCHEDULER_ADDRESS": cluster})
    assert roc_auc(done) == shipped


def test_dask_returns_data_as_they_were_saved(project: Project, cluster: str) -> None:
    assert succeed(project.bin / "python", "-c", SAVED, cluster, cwd=project.root) == ""


def test_missing_scheduler_is_explained_in_one_line(project: Project) -> None:
    nowhere = f"tcp://127.0.0.1:{free_port()}"
    done = project.small().runs("train", "--env", "dask", env={"DASK_SCHEDULER_ADDRESS": nowhere})
    error = next(line for line in done.err.splitlines() if line.startswith("error: "))
    assert error.startswith(f"error: no response from the Dask scheduler at {nowhere}; start it")
