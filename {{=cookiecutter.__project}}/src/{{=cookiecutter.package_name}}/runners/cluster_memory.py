"""Datasets without a file, kept in the memory of a Dask cluster."""

import uuid
from typing import Any

from distributed import get_client
from kedro.io import AbstractDataset, CatalogProtocol, MemoryDataset


class ClusterMemory(AbstractDataset[Any, Any]):
    """Data that stays on the worker that created it; the scheduler finds it by name."""

    _EPHEMERAL = True

    def __init__(self, name: str) -> None:
        """Use a name that is unique in the cluster."""
        self._name = name

    def load(self) -> Any:  # noqa: ANN401 (a step may return any type)
        """Fetch the data from its worker."""
        return get_client().get_dataset(self._name).result()

    def save(self, data: Any) -> None:  # noqa: ANN401
        """Publish the data, which stays on this worker."""
        client = get_client()
        client.publish_dataset(client.scatter(data, hash=False), name=self._name, override=True)

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
    datasets = catalog._datasets  # noqa: SLF001
    scattered = {
        name: ClusterMemory(f"{run}-{name}")
        for name, dataset in datasets.items()
        if isinstance(dataset, MemoryDataset) and not dataset.exists()
    }
    datasets.update(scattered)
    return scattered


def gather(catalog: CatalogProtocol[Any, Any], scattered: dict[str, ClusterMemory]) -> None:
    """Fetch the remaining data into this process and release it in the cluster."""
    for name, dataset in scattered.items():
        local = MemoryDataset(dataset.load()) if dataset.exists() else MemoryDataset()
        catalog._datasets[name] = local  # noqa: SLF001
        dataset.release()
