"""Run the steps of a pipeline on the workers of a Dask scheduler."""

import uuid
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from distributed import Client, WorkerPlugin, get_client
from distributed.cfexecutor import ClientExecutor
from kedro.framework import project
from kedro.io import AbstractDataset, CatalogProtocol, MemoryDataset
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node
from kedro.runner import AbstractRunner
from kedro.runner.task import Task
from pluggy import PluginManager

PATIENCE = 30  # seconds for a scheduler to answer, and for its first worker to come


class ClusterUnavailableError(OSError):
    """No scheduler answers, or it has no worker that can run the project."""


class DaskRunner(AbstractRunner):
    """Run each step on some worker; what steps hand on without a file stays in the cluster.

    Every worker has the project installed, and reaches the files of the catalog under the same
    paths. As with Kedro's parallel runner, the hooks of nodes and datasets run where the step
    does, in instances of their own.
    """

    def __init__(self, address: str) -> None:
        """Use the workers of the scheduler at an address, such as `tcp://127.0.0.1:8786`."""
        super().__init__()
        self._address = address
        self._client: Client | None = None

    def _run(
        self,
        pipeline: Pipeline,
        catalog: CatalogProtocol[Any, Any],
        hook_manager: PluginManager | None = None,  # noqa: ARG002 (cannot be sent to a worker)
        run_id: str | None = None,
    ) -> None:
        with self._cluster() as self._client:
            lent = lend(catalog)
            try:
                super()._run(pipeline, catalog, run_id=run_id)
            finally:
                bring_home(catalog, lent)

    def _get_executor(self, max_workers: int) -> Executor:  # noqa: ARG002 (the scheduler knows)
        return _Workers(self._client, pure=False)

    @contextmanager
    def _cluster(self) -> Iterator[Client]:
        """Connect, wait for a worker, and make the project known to all.

        Raises:
            ClusterUnavailableError: Something of that cannot be done; the message says what.
        """
        where = f"Dask scheduler at {self._address}"
        try:
            client = Client(self._address, timeout=PATIENCE)
        except OSError as error:
            raise ClusterUnavailableError(
                f"no {where} answers; start one, or say its address in DASK_SCHEDULER_ADDRESS"
            ) from error
        with client:
            try:
                client.wait_for_workers(1, timeout=PATIENCE)
                client.register_plugin(_Project(str(project.PACKAGE_NAME)))
            except TimeoutError as error:
                raise ClusterUnavailableError(f"the {where} has no worker; start some") from error
            except ImportError as error:
                raise ClusterUnavailableError(
                    f"a worker of the {where} lacks the project ({error}); install it there"
                ) from error
            yield client


class _Project(WorkerPlugin):  # type: ignore[misc]
    """Let a worker know the project's settings, those that join later included."""

    def __init__(self, package: str) -> None:
        self.name = f"project {package}"
        self._package = package

    def setup(self, worker: object) -> None:  # noqa: ARG002 (Dask gives it)
        project.configure_project(self._package)


class _Workers(ClientExecutor):  # type: ignore[misc]
    """The cluster as an executor of Kedro's tasks."""

    def submit(self, task: Task) -> Any:  # noqa: ANN401 (Dask has no types)
        return super().submit(_execute, task)


def _execute(task: Task) -> Node:
    """Run a step on the worker that this is, with hooks of its own."""
    task.hook_manager = Task._run_node_synchronization()  # noqa: SLF001 (all that Kedro has)
    return task.execute()


class ClusterMemory(AbstractDataset[Any, Any]):
    """Data kept by the worker that made it; the scheduler knows where, by its name."""

    _EPHEMERAL = True

    def __init__(self, name: str) -> None:
        """Keep the data under a name that nothing else in the cluster has."""
        self._name = name

    def load(self) -> Any:  # noqa: ANN401 (whatever a step made)
        """Fetch the data."""
        return get_client().get_dataset(self._name).result()

    def save(self, data: Any) -> None:  # noqa: ANN401
        """Keep the data on this worker."""
        client = get_client()
        client.publish_dataset(client.scatter(data, hash=False), name=self._name, override=True)

    def _exists(self) -> bool:
        return self._name in get_client().list_datasets()

    def _release(self) -> None:
        if self._exists():
            get_client().unpublish_dataset(self._name)

    def _describe(self) -> dict[str, Any]:
        return {"name": self._name}


def lend(catalog: CatalogProtocol[Any, Any]) -> dict[str, ClusterMemory]:
    """Put cluster memory in the place of memory that is still empty; return it by name."""
    run = uuid.uuid4().hex
    # Not by assignment: that would drop the validator of a dataset.
    datasets = catalog._datasets  # noqa: SLF001
    lent = {
        name: ClusterMemory(f"{run}-{name}")
        for name, dataset in datasets.items()
        if isinstance(dataset, MemoryDataset) and not dataset.exists()
    }
    datasets.update(lent)
    return lent


def bring_home(catalog: CatalogProtocol[Any, Any], lent: dict[str, ClusterMemory]) -> None:
    """Fetch what is left into this process, and free the cluster of it."""
    for name, dataset in lent.items():
        here = MemoryDataset(dataset.load()) if dataset.exists() else MemoryDataset()
        catalog._datasets[name] = here  # noqa: SLF001
        dataset.release()
