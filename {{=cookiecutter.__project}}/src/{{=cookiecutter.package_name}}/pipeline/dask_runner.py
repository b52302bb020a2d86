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

TIMEOUT = 30  # seconds to wait for the scheduler, and for its first worker


class ClusterUnavailableError(OSError):
    """The scheduler does not respond, or has no worker that can run the project."""


class DaskRunner(AbstractRunner):
    """Run each step on a worker; datasets without a file stay in the memory of the cluster.

    Every worker must have the project installed and reach the files of the catalog under the same
    paths. As with the parallel runner of Kedro, the Kedro hooks of nodes and datasets run where
    the step runs, in separate instances.
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
        hook_manager: PluginManager | None = None,  # cannot be sent to a worker
        run_id: str | None = None,
    ) -> None:
        with self._cluster() as self._client:
            scattered = scatter(catalog)
            try:
                super()._run(pipeline, catalog, run_id=run_id)
            finally:
                gather(catalog, scattered)

    def _get_executor(self, max_workers: int) -> Executor:  # the scheduler decides
        return _Workers(self._client, pure=False)

    @contextmanager
    def _cluster(self) -> Iterator[Client]:
        """Connect, wait for a worker, and configure the project on all workers.

        Raises:
            ClusterUnavailableError: One of these steps failed; the message names it.
        """
        scheduler = f"Dask scheduler at {self._address}"
        try:
            client = Client(self._address, timeout=TIMEOUT)
        except OSError as error:
            raise ClusterUnavailableError(
                f"no response from the {scheduler}; start it, or set DASK_SCHEDULER_ADDRESS"
            ) from error
        with client:
            try:
                client.wait_for_workers(1, timeout=TIMEOUT)
                client.register_plugin(_Project(str(project.PACKAGE_NAME)))
            except TimeoutError as error:
                raise ClusterUnavailableError(
                    f"the {scheduler} has no worker; start one"
                ) from error
            except ImportError as error:
                raise ClusterUnavailableError(
                    f"a worker of the {scheduler} cannot import the project; "
                    f"install it there ({error})"
                ) from error
            yield client


class _Project(WorkerPlugin):  # type: ignore[misc]
    """Configure the project on every worker, including those that join later."""

    def __init__(self, package: str) -> None:
        self.name = f"project {package}"
        self._package = package

    def setup(self, worker: object) -> None:  # passed by Dask
        project.configure_project(self._package)


class _Workers(ClientExecutor):  # type: ignore[misc]
    """Executor that runs tasks of Kedro on the cluster."""

    def submit(self, task: Task) -> Any:  # Dask has no types
        return super().submit(_execute, task)


def _execute(task: Task) -> Node:
    """Run a step on this worker, with its own hook manager."""
    task.hook_manager = Task._run_node_synchronization()  # Kedro has no public API for it
    return task.execute()


class ClusterMemory(AbstractDataset[Any, Any]):
    """Data that stays on the worker that created it; the scheduler finds it by name."""

    _EPHEMERAL = True

    def __init__(self, name: str) -> None:
        """Use a name that is unique in the cluster."""
        self._name = name

    def load(self) -> Any:  # a step may return any type
        """Fetch the data from its worker."""
        return get_client().get_dataset(self._name).result()

    def save(self, data: Any) -> None:
        """Publish the data, which stays on this worker."""
        client = get_client()
        # In a list: the parts of a list or a dictionary would be scattered one by one.
        (future,) = client.scatter([data], hash=False)
        client.publish_dataset(future, name=self._name, override=True)

    def _exists(self) -> bool:
        return self._name in get_client().list_datasets()

    def _release(self) -> None:
        if self._exists():
            get_client().unpublish_dataset(self._name)

    def _describe(self) -> dict[str, Any]:
        return {"name": self._name}


def scatter(catalog: CatalogProtocol[Any, Any]) -> dict[str, ClusterMemory]:
    """Replace each empty memory dataset by cluster memory; return the new datasets by name."""
    run = uuid.uuid4().hex
    # Not by assignment, which would drop the validator of a dataset.
    datasets = catalog._datasets
    scattered = {
        name: ClusterMemory(f"{run}-{name}")
        for name, dataset in datasets.items()
        if isinstance(dataset, MemoryDataset) and not dataset.exists()
    }
    datasets.update(scattered)
    return scattered


def gather(catalog: CatalogProtocol[Any, Any], scattered: dict[str, ClusterMemory]) -> None:
    """Fetch the remaining data into this process and release it in the cluster."""
    # All at first: hooks look at every dataset when one cannot be fetched.
    catalog._datasets.update({name: MemoryDataset() for name in scattered})
    for name, dataset in scattered.items():
        if dataset.exists():
            catalog._datasets[name] = MemoryDataset(dataset.load())
        dataset.release()
