"""Validators for the catalog (`validator:`), based on the contracts of the edge."""

from importlib import import_module
from typing import Any

import numpy as np
import polars as pl

from ..edge.arrays import ArrayContract
from ..edge.tables import check_table


class TableOf:
    """Validates a table against the contract of its rows."""

    def __init__(self, contract: str) -> None:
        """Load the contract by its dotted name."""
        self._contract = _import(contract)

    def validate(self, data: pl.DataFrame) -> pl.DataFrame:
        """Return the table, or raise EdgeError with every rule that it violates."""
        return check_table(data, self._contract)


class ArraysOf:
    """Validates arrays against an array contract and converts them to it."""

    def __init__(self, contract: str) -> None:
        """Load the contract by its dotted name."""
        self._contract = _import(contract)

    def validate(self, data: ArrayContract | dict[str, np.ndarray]) -> ArrayContract:
        """Return the arrays as their contract, or raise ValidationError."""
        validated: ArrayContract = self._contract.model_validate(dict(data))
        return validated


def _import(name: str) -> Any:  # any contract
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute)
