"""Drift of the rows that a model gets, against the data that it was trained on."""

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, ClassVar

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from my_project.edge import Contract, TableRules
from my_project.pipeline.drift import Inputs, Monitor, summarize

LIMIT = 0.2
START = datetime(2026, 1, 5, tzinfo=UTC)


class Colour(Enum):
    """A colour."""

    RED = "red"
    BLUE = "blue"


class Row(Contract):
    """A row with a field of each type."""

    table: ClassVar = TableRules(key=("time", "source"))

    time: datetime
    source: str = "a"
    colour: Colour = Colour.RED
    value: float | None
    is_open: bool = True


def rows(values: Any, source: str = "a", **fields: Any) -> list[Row]:
    """Return a row for each value, a minute apart."""
    return [
        Row(time=START + timedelta(minutes=number), source=source, value=value, **fields)
        for number, value in enumerate(values)
    ]


def normal(count: int, seed: int, mean: float = 0.0) -> list[float]:
    """Return numbers of a normal distribution."""
    drawn: list[float] = np.random.default_rng(seed).normal(mean, 1, count).tolist()
    return drawn


def table(trained: list[Row]) -> pl.DataFrame:
    """Return rows as a table."""
    return pl.DataFrame([each.model_dump(mode="json") | {"time": each.time} for each in trained])


def answer(trained: list[Row], now: list[Row], limit: float | None = LIMIT) -> str:
    """Return the answer, and the reason, about rows of a model that was trained on others."""
    monitor = Monitor(summarize([table(trained)], Row, Row.table.key), limit)
    assert [*monitor.watch(now)] == now
    return str(monitor.answer())


TRAINED = rows(normal(2000, 1))


def test_rows_of_the_same_distribution_did_not_drift() -> None:
    found = answer(TRAINED, rows(normal(500, 2)))
    assert found.startswith("drift: no: source, colour, value of a, is_open: by 0.0"), found


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (rows(normal(500, 2, mean=1)), "value of a differs by 0."),
        (rows([3 * value + 50 for value in normal(500, 2)]), "value of a differs by 1.00"),
        (rows([None] * 500), "value of a differs by 1.00"),
        (rows(normal(500, 2), colour=Colour.BLUE), "colour differs by 1.00"),
        (rows(normal(500, 2), is_open=False), "is_open differs by 1.00"),
        (rows(normal(500, 2), source="new"), "source differs by 1.00"),
        (rows([9.0] * 12), "value of a differs by 1.00"),
    ],
    ids=["shift", "scale", "missing", "category", "Boolean", "group", "few"],
)
def test_change_is_drift(now: list[Row], reason: str) -> None:
    found = answer(TRAINED, now)
    assert found.startswith(f"drift: yes: {reason}"), found


def test_numbers_are_compared_within_their_group() -> None:
    trained = rows(normal(1000, 1)) + rows(normal(1000, 2, mean=3), "b")
    swapped = rows(normal(500, 3, mean=3)) + rows(normal(500, 4), "b")
    assert answer(trained, swapped).startswith("drift: yes: value of a differs")


def test_part_of_a_cycle_is_not_drift() -> None:
    cycle = np.sin(np.arange(4000) * 2 * np.pi / 100)
    assert answer(rows(cycle), rows(cycle[:40])).startswith("drift: not checked: ")


def test_few_rows_are_not_called_good() -> None:
    assert answer(TRAINED, rows(normal(10, 2))).startswith("drift: not checked: source, colour")


def test_fields_that_cannot_be_compared_are_named() -> None:
    assert "not checked: time (a time moves on)" in answer(TRAINED, rows(normal(500, 2)))


def test_texts_of_many_values_are_not_compared() -> None:
    trained = [row.model_copy(update={"source": f"s{n}"}) for n, row in enumerate(TRAINED)]
    assert "source (more than 50 different values)" in answer(trained, TRAINED)


@pytest.mark.parametrize(
    ("data", "limit", "reason"),
    [
        ([[1, 2]], LIMIT, "Row: no dataset in `data` of problems.yml is a table"),
        ([table(TRAINED)], None, "`drift` in problems.yml is null"),
    ],
)
def test_what_is_not_compared_has_a_reason(data: list[Any], limit: float, reason: str) -> None:
    found = Monitor(summarize(data, Row, ()), limit).answer()
    assert str(found).startswith(f"drift: not checked: {reason}")


def test_model_without_summary_is_not_checked() -> None:
    assert Monitor(Inputs(), LIMIT).answer().result == "not checked"


def test_table_of_pandas_is_taken() -> None:
    class Frame(dict[str, list[float]]):
        columns = ("value",)

    assert [each.field for each in summarize([Frame(value=[1.0])], Row, ()).distributions] == [
        "value"
    ]


def test_infinite_number_is_no_value() -> None:
    frame = pl.DataFrame({"value": [1.0, float("inf"), float("nan"), None]})
    (found,) = summarize([frame], Row, ()).distributions
    assert (found.edges, found.counts) == ((1.0,), (3, 1, 0))


def test_texts_are_counted_by_value() -> None:
    frame = pl.DataFrame({"source": ["b", None, "a", "b"]})
    (found,) = summarize([frame], Row, ()).distributions
    assert (found.values, found.counts) == (("b", "a"), (1, 2, 1, 0))


@given(
    st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=300)
)
def test_training_data_itself_did_not_drift(values: list[float | None]) -> None:
    trained = rows(values)
    assert "drift: yes" not in answer(trained, trained)
