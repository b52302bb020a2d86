"""Hypothesis strategies from a contract: valid records that are likely to break code."""

import json
from random import Random
from typing import TypeVar

from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from hangar_devkit.contracts.examples import EXTREME, generate
from hangar_devkit.contracts.schema import Field

Model = TypeVar("Model", bound=BaseModel)


def records(contract: type[Model]) -> st.SearchStrategy[Model]:
    """Return a strategy for valid records of a contract."""
    field = Field(contract.model_json_schema())

    def record(random: Random) -> Model | None:
        try:
            return contract.model_validate_json(json.dumps(generate(field, random, EXTREME)))
        except ValidationError:
            return None  # a rule in code, which the schema does not have

    # Hypothesis draws each number that the generator asks for, so it can vary and shrink them.
    drawn = st.randoms(use_true_random=False).map(record)
    return drawn.filter(lambda each: each is not None)  # type: ignore[return-value]


def tables(contract: type[Model], *, max_rows: int = 20) -> st.SearchStrategy[list[Model]]:
    """Return a strategy for lists of valid records that also keep the contract's table rules."""
    rules = Field(contract.model_json_schema()).table

    def key(record: Model) -> tuple[object, ...]:
        return tuple(getattr(record, name) for name in rules.key)

    rows = st.lists(
        records(contract),
        min_size=rules.min_rows,
        max_size=max_rows,
        unique_by=key if rules.key else None,
    )
    if rules.ordered:
        return rows.map(lambda drawn: sorted(drawn, key=lambda row: getattr(row, rules.ordered)))
    return rows
