"""What steps hand on without a file, kept in the memory of a Dask cluster."""

import uuid
from typing import Any

from distributed import get_client
from kedro.io import AbstractDataset, CatalogProtocol, MemoryDataset


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
