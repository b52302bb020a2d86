"""Hypothesis strategies from a contract: valid records that are likely to break code."""

from random import Random
from typing import TypeVar

from hypothesis import strategies as st
from pydantic import BaseModel

from hangar_devkit.contracts.examples import Examples, sortable, table
from hangar_devkit.contracts.project import json_schema
from hangar_devkit.contracts.schema_reader import Field
from hangar_devkit.contracts.values import EXTREME

Model = TypeVar("Model", bound=BaseModel)


def records(contract: type[Model]) -> st.SearchStrategy[Model]:
    """Return a strategy for valid records of a contract."""
    examples = Examples(contract, EXTREME)

    def record(random: Random) -> Model | None:
        try:
            drawn: Model = examples.draw(random)
        except Exception:  # noqa: BLE001 - validators of the project may raise anything
            return None  # a rule in code, which the schema does not have
        return drawn

    # Hypothesis draws each number that the generator asks for, so it can vary and shrink them.
    drawn = st.randoms(use_true_random=False).map(record)
    return drawn.filter(lambda each: each is not None)  # type: ignore[return-value]


def tables(contract: type[Model], *, max_rows: int = 20) -> st.SearchStrategy[list[Model]]:
    """Return a strategy for lists of valid records that also keep the contract's table rules."""
    rules = Field(json_schema(contract)).table
    if rules.step is not None:
        sizes = st.integers(max(1, rules.min_rows), max_rows)
        return st.builds(
            lambda size, random: table(contract, size, random),
            sizes,
            st.randoms(use_true_random=False),
        )

    def key(record: Model) -> tuple[object, ...]:
        return tuple(repr(getattr(record, name)) for name in rules.key)

    rows = st.lists(
        records(contract),
        min_size=rules.min_rows,
        max_size=max_rows,
        unique_by=key if rules.key else None,
    )
    if rules.ordered:
        return rows.map(
            lambda drawn: sorted(drawn, key=lambda row: sortable(getattr(row, rules.ordered)))
        )
    return rows
