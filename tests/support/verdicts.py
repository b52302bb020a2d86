"""What models do with values: the verdicts that the tools which read schemas must agree with."""

from collections.abc import Iterator
from random import Random
from typing import Any

from pydantic import BaseModel

from hangar_devkit.contracts.project import json_schema
from hangar_devkit.contracts.schema_reader import Field
from hangar_devkit.contracts.values import Values
from tests.support.models import accepts, probes

ATTEMPTS = 100


def valid_record(model: type[BaseModel], seed: int) -> dict[str, Any]:
    """Return JSON values that a model accepts.

    Raises:
        ValueError: None was found.
    """
    field = Field(json_schema(model))
    for attempt in range(ATTEMPTS):
        record: dict[str, Any] = Values(Random(seed + attempt)).generate(field)
        if accepts(model, record):
            return record
    raise ValueError(f"no valid record of {model.model_fields}")


def broken_by_values(old: type[BaseModel], new: type[BaseModel], seed: int) -> set[str]:
    """Return who is broken by a change, as shown by a value that only one model accepts."""
    broken = set()
    for record in _records(old, new, seed):
        before, after = accepts(old, record), accepts(new, record)
        if before and not after:
            broken.add("producers")
        if after and not before:
            broken.add("consumers")
    return broken


def _records(old: type[BaseModel], new: type[BaseModel], seed: int) -> Iterator[dict[str, Any]]:
    for model in (old, new):
        yield from probes(model, valid_record(model, seed))
