"""Whole tables: the verdict of a table is the verdict of its records."""

import importlib
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from ipaddress import IPv4Address
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    ConfigDict,
    Field,
    HttpUrl,
    NaiveDatetime,
    PastDatetime,
    StringConstraints,
    create_model,
    field_validator,
    model_validator,
)

from tests.conftest import Render

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def package(render: Render) -> Iterator[str]:
    """The package of a project with a pipeline, which has tables."""
    source = str(render({"package_name": "quarry", "ml_pipeline": True}) / "src")
    sys.path.insert(0, source)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    yield "quarry"
    sys.dont_write_bytecode = before
    sys.path.remove(source)


@pytest.fixture(scope="module")
def edge(package: str) -> Any:
    """The edge of that project."""
    return importlib.import_module(f"{package}.edge")


@pytest.fixture(scope="module")
def reading(package: str) -> Any:
    """The example's contract in that project."""
    return importlib.import_module(f"{package}.schemas").Reading


@pytest.fixture(scope="module")
def tables(package: str) -> Any:
    """The project's checks of tables."""
    return importlib.import_module(f"{package}.edge.tables")


def _even(value: int) -> int:
    if value % 2:
        raise ValueError("must be even")
    return value


REFUSED: dict[str, tuple[Any, Any]] = {
    "validator in the annotation": (Annotated[int, AfterValidator(_even)], 3),
    "bound on a time": (Annotated[AwareDatetime, Field(ge=NOON)], NOON - timedelta(days=1)),
    "bound on a date": (Annotated[date, Field(gt=NOON.date())], date(2026, 1, 1)),
    "bound on a duration": (Annotated[timedelta, Field(gt=timedelta(0))], timedelta(0)),
    "past": (PastDatetime, datetime(2999, 1, 1, tzinfo=UTC)),
    "no zone": (NaiveDatetime, NOON),
    "UUID": (UUID, "zzz"),
    "address": (IPv4Address, "999.1.1.1"),
    "URL": (HttpUrl, "not a url"),
    "stripped text": (Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)], " "),
    "decimal places": (Annotated[Decimal, Field(decimal_places=2)], "1.234"),
    "list": (list[int], ["a"]),
    "item of a dict": (dict[str, int], {"a": "b"}),
    "union": (int | str, 1.5),
    "bound in a union": (Annotated[int, Field(ge=0)] | None, -1),
    "decimal for a float": (float, Decimal("1.5")),
}
ACCEPTED: dict[str, tuple[Any, Any]] = {
    "tick size": (Annotated[float, Field(multiple_of=0.1)], 0.5),
    "price": (Annotated[Decimal, Field(max_digits=6, decimal_places=2)], Decimal("19.99")),
    "price as text": (Annotated[Decimal, Field(max_digits=6, decimal_places=2)], "19.99"),
    "UUID": (UUID, "0189c2f0-0000-7000-8000-000000000000"),
    "address": (IPv4Address, "10.0.0.1"),
    "null": (int | None, None),
    "text of a union": (int | str, "a"),
    "list": (list[int], [1, 2]),
}


@pytest.mark.parametrize(("annotation", "value"), REFUSED.values(), ids=REFUSED)
def test_value_that_the_record_refuses_is_found(
    edge: Any, tables: Any, annotation: Any, value: object
) -> None:
    contract = create_model("One", __base__=edge.Contract, v=(annotation, ...))
    with pytest.raises(edge.EdgeError, match="v"):
        tables.check_table(pl.DataFrame({"v": [value]}), contract)


@pytest.mark.parametrize(("annotation", "value"), ACCEPTED.values(), ids=ACCEPTED)
def test_value_that_the_record_accepts_passes(
    edge: Any, tables: Any, annotation: Any, value: object
) -> None:
    contract = create_model("One", __base__=edge.Contract, v=(annotation, ...))
    frame = pl.DataFrame({"v": [value]})
    assert tables.check_table(frame, contract) is frame


def test_validators_of_fields_and_models_are_applied(edge: Any, tables: Any) -> None:
    class Pair(edge.Contract):  # type: ignore[misc]
        low: int
        high: int

        @field_validator("low")
        @classmethod
        def is_even(cls, value: int) -> int:
            return _even(value)

        @model_validator(mode="after")
        def is_ordered(self) -> Any:
            if self.low > self.high:
                raise ValueError("low is above high")
            return self

    frame = pl.DataFrame({"low": [2, 3, 8], "high": [4, 4, 4]})
    assert tables.split_table(frame, Pair)[1]["row"].to_list() == [1, 2]


def test_validator_of_the_model_alone_is_applied(edge: Any, tables: Any) -> None:
    class Span(edge.Contract):  # type: ignore[misc]
        low: int
        high: int

        @model_validator(mode="after")
        def is_ordered(self) -> Any:
            if self.low > self.high:
                raise ValueError("low is above high")
            return self

    with pytest.raises(edge.EdgeError, match="low is above high"):
        tables.check_table(pl.DataFrame({"low": [2], "high": [1]}), Span)


def test_configuration_of_a_contract_is_applied(edge: Any, tables: Any) -> None:
    class Stripped(edge.Contract):  # type: ignore[misc]
        model_config = ConfigDict(str_strip_whitespace=True)
        name: str = Field(min_length=1)

    with pytest.raises(edge.EdgeError, match="name must have at least 1 character"):
        tables.check_table(pl.DataFrame({"name": [" "]}), Stripped)


def test_aliases_are_the_columns(edge: Any, tables: Any) -> None:
    contract = create_model("Bar", __base__=edge.Contract, price=(float, Field(alias="p", gt=0)))
    with pytest.raises(edge.EdgeError, match="p must be more than 0"):
        tables.check_table(pl.DataFrame({"p": [-1.0]}), contract)


def test_bound_is_that_of_the_record_for_other_widths(edge: Any, tables: Any) -> None:
    contract = create_model("F", __base__=edge.Contract, v=(float, Field(le=0.1)))
    frame = pl.DataFrame({"v": pl.Series([0.1], dtype=pl.Float32)})  # 0.1000000015 as a record
    with pytest.raises(edge.EdgeError, match="v must be at most"):
        tables.check_table(frame, contract)


@pytest.mark.parametrize("name", ["p", "q"])
def test_column_may_have_one_of_several_names(edge: Any, tables: Any, name: str) -> None:
    field = (float, Field(validation_alias=AliasChoices("p", "q"), gt=0))
    contract = create_model("Bar", __base__=edge.Contract, price=field)
    assert tables.split_table(pl.DataFrame({name: [1.0]}), contract)[0].height == 1


def test_gaps_of_groups_are_found(edge: Any, tables: Any) -> None:
    class Sample(edge.Contract):  # type: ignore[misc]
        table: ClassVar = edge.TableRules(ordered="n", per=("s",), gap=2, every=1)
        s: str
        n: int

    frame = pl.DataFrame({"s": ["a", "b", "a", "b", "a"], "n": [1, 1, 3, 5, 4]})
    assert tables.split_table(frame, Sample)[1]["row"].to_list() == [3]


def test_gap_is_found_by_the_check_of_a_table(edge: Any, tables: Any) -> None:
    class Sample(edge.Contract):  # type: ignore[misc]
        table: ClassVar = edge.TableRules(ordered="at", gap=timedelta(minutes=1))
        at: datetime

    frame = pl.DataFrame({"at": [NOON, NOON + timedelta(minutes=2)]})
    with pytest.raises(edge.EdgeError, match="at must be at most 0:01:00 after the row before"):
        tables.check_table(frame, Sample)


def test_categories_are_text(edge: Any, tables: Any) -> None:
    contract = create_model("C", __base__=edge.Contract, v=(str, Field(pattern="^a")))
    frame = pl.DataFrame({"v": pl.Series(["b"], dtype=pl.Categorical)})
    with pytest.raises(edge.EdgeError, match=r"v must match \^a"):
        tables.check_table(frame, contract)


def test_columns_named_row_and_reasons_are_kept(edge: Any, tables: Any) -> None:
    contract = create_model("R", __base__=edge.Contract, row=(int, ...), reasons=(str, ...))
    frame = pl.DataFrame({"row": [1], "reasons": ["x"]})
    assert tables.split_table(frame, contract)[0].equals(frame)


def test_optional_column_of_a_rule_may_be_absent(edge: Any, tables: Any) -> None:
    class Span(edge.Contract):  # type: ignore[misc]
        table: ClassVar = edge.TableRules(compare=(("low", "<=", "high"),), ordered="at")
        low: float
        high: float | None = Field(None, ge=0)
        at: int | None = None

    assert tables.split_table(pl.DataFrame({"low": [1.0]}), Span)[0].height == 1


def test_invalid_row_does_not_count_for_later_ones(tables: Any, reading: Any) -> None:
    hours = [8, 99, 9, 7, 10]
    frame = pl.DataFrame(
        {
            "time": [NOON + timedelta(hours=hour) for hour in hours],
            "source": ["a"] * 5,
            "unit": ["euro", "kelvin", "euro", "euro", "euro"],
            "value": [1.0] * 5,
        }
    )
    assert tables.split_table(frame, reading)[1]["row"].to_list() == [1, 3]


TYPES: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(-9, 9),
    float: st.floats(width=32),
    str: st.text("ab ", max_size=3),
    bool: st.booleans(),
    date: st.dates(),
    NaiveDatetime: st.datetimes(),
    timedelta: st.timedeltas(timedelta(-9), timedelta(9)),
    Literal["a", "b"]: st.sampled_from(["a", "b", "c"]),
    Annotated[int, Field(ge=0, lt=5)]: st.integers(-9, 9),
    Annotated[float, Field(multiple_of=0.5)]: st.sampled_from([0.5, 0.3, 1.5, -2.0]),
    Annotated[str, Field(pattern="^a", max_length=2)]: st.text("ab ", max_size=3),
    Annotated[int, AfterValidator(_even)]: st.integers(-9, 9),
    list[Annotated[int, Field(ge=0)]]: st.lists(st.integers(-2, 9), max_size=3),
}


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_table_and_record_agree(edge: Any, tables: Any, data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(list(TYPES)), min_size=1, max_size=3))
    nullable = data.draw(st.lists(st.booleans(), min_size=3, max_size=3))
    fields: Any = {
        f"f{number}": (each | None if nullable[number] else each, ...)
        for number, each in enumerate(chosen)
    }
    contract = create_model("Random", __base__=edge.Contract, **fields)
    rows = data.draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    f"f{number}": st.none() | TYPES[each] if nullable[number] else TYPES[each]
                    for number, each in enumerate(chosen)
                }
            ),
            min_size=1,
            max_size=4,
        )
    )
    frame = pl.DataFrame(rows, infer_schema_length=None)
    refused = [number for number, row in enumerate(rows) if not _is_valid(contract, row)]
    assert tables.split_table(frame, contract)[1]["row"].to_list() == refused


def _is_valid(contract: Any, row: dict[str, Any]) -> bool:
    try:
        contract(**row)
    except ValueError:
        return False
    return True
