"""What `validator:` in the catalog names: the same contracts as at the edge."""

from importlib import import_module
from typing import Any

import numpy as np
import polars as pl

from ..edge.arrays import ArrayContract
from ..edge.tables import check_table


class TableOf:
    """Holds a table to the contract of its rows."""

    def __init__(self, contract: str) -> None:
        """Take the contract by its dotted name."""
        self._contract = _named(contract)

    def validate(self, data: pl.DataFrame) -> pl.DataFrame:
        """Return the table, or raise EdgeError with every rule that it breaks."""
        return check_table(data, self._contract)


class ArraysOf:
    """Holds arrays to an array contract, and makes it of what was read."""

    def __init__(self, contract: str) -> None:
        """Take the contract by its dotted name."""
        self._contract = _named(contract)

    def validate(self, data: ArrayContract | dict[str, np.ndarray]) -> ArrayContract:
        """Return the arrays as their contract, or raise ValidationError."""
        checked: ArrayContract = self._contract.model_validate(dict(data))
        return checked


def _named(name: str) -> Any:  # noqa: ANN401 (any contract)
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute)
