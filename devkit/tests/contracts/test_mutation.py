"""Mutation of models that are read by pydantic alone."""

from datetime import datetime
from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel

from hangar_devkit.contracts import schema_reader
from hangar_devkit.contracts.mutation import Score, run
from hangar_devkit.contracts.operators import Table
from hangar_devkit.contracts.project import ContractsError, json_schema


class Part(BaseModel):
    weight: float = Field(alias="Weight", gt=0, le=10)


class Numbers(RootModel[list[int]]):
    """A list, which has no columns."""


def test_nested_alias_is_followed() -> None:
    class Order(BaseModel):
        part: Part
        count: int = Field(validation_alias="Count", serialization_alias="COUNT", le=9)

    assert run(Order).survived["unit changed"] == ["Count"]


def test_limits_kill() -> None:
    assert {"below range", "above range", "infinity"} <= set(run(Part).killed)


def test_required_field_that_may_be_null_is_not_mutated_to_null() -> None:
    class Optional(BaseModel):
        x: int | None

    assert "null" in run(Optional).not_applicable


def test_field_that_allows_text_is_not_mutated_to_text() -> None:
    class Either(BaseModel):
        x: int | str

    assert "type violated" in run(Either).not_applicable


def test_mutant_that_equals_the_data_is_ignored() -> None:
    class One(BaseModel):
        x: str

    assert "file cut off" in run(One).not_applicable


def test_closed_model_kills_an_added_column() -> None:
    class Closed(BaseModel):
        model_config = ConfigDict(extra="forbid")
        x: int

    assert "column added" in run(Closed).killed


def fail_on_large(value: int) -> int:
    """Fail as a validator with a mistake does."""
    return [value][value > 10**9]


def test_model_that_refuses_all_is_explained_in_one_line() -> None:
    class Never(BaseModel):
        x: Annotated[int, AfterValidator(refuse)]

    with pytest.raises(ContractsError, match=r"^no valid Never in .* attempts; .*never"):
        run(Never)


def refuse(value: int) -> int:
    """Refuse every value."""
    raise KeyError("never")


def test_validator_that_crashes_kills() -> None:
    class Crashing(BaseModel):
        x: Annotated[int, AfterValidator(fail_on_large)]

    assert "above range" in run(Crashing).killed


def test_model_without_columns_has_no_score() -> None:
    assert run(Numbers).survived == {}


def test_record_that_cannot_be_read_again_is_explained() -> None:
    class Secret(BaseModel):
        x: int = Field(exclude=True)

    assert run(Secret).not_applicable["value changed by a validator"].startswith("records cannot")


class Inner(BaseModel):
    """A nested model without a rule."""

    price: float
    currency: str
    when: datetime


class Outer(BaseModel):
    id: int = Field(ge=0, le=10**6)
    inner: Inner


@pytest.fixture(scope="module")
def outer() -> Score:
    """The score of a model whose nested model has no rules."""
    return run(Outer)


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("above range", ["inner.price", "inner.when"]),
        ("text too long", ["inner.currency"]),
        ("time zone lost", ["inner.when"]),
        ("infinity", ["inner.price"]),
    ],
)
def test_nested_field_without_a_rule_survives(outer: Score, name: str, where: list[str]) -> None:
    assert outer.survived[name] == where


def test_nested_field_dropped_is_killed(outer: Score) -> None:
    assert "column dropped" in outer.killed


def test_union_of_numbers_without_a_range_survives() -> None:
    class Either(BaseModel):
        value: int | float

    assert run(Either).survived["below range"] == ["value"]


def test_variant_of_a_union_is_mutated() -> None:
    class Cat(BaseModel):
        type: Literal["cat"]
        lives: int

    class Dog(BaseModel):
        type: Literal["dog"]
        name: str = Field(pattern="^[a-z]+$", max_length=9)

    class Owner(BaseModel):
        pet: Cat | Dog = Field(discriminator="type")

    assert run(Owner).survived["above range"] == ["pet.lives"]


def test_limit_as_large_as_any_is_exceeded() -> None:
    class Large(BaseModel):
        x: int = Field(ge=-(10**12), le=10**12)

    assert {"below range", "above range"} <= set(run(Large).killed)


def test_strict_frozen_model_kills_what_another_lets_through() -> None:
    class Strict(BaseModel):
        model_config = ConfigDict(strict=True, frozen=True)
        x: int

    assert {"number as text", "record changed after it was validated"} <= set(run(Strict).killed)


def test_lax_model_that_is_not_frozen_survives() -> None:
    assert {"number as text", "record changed after it was validated"} <= set(run(Outer).survived)


def test_value_changed_by_a_validator_is_located() -> None:
    class Cents(BaseModel):
        a: float
        b: Annotated[float, AfterValidator(lambda value: value / 100)]

    assert run(Cents).survived["value changed by a validator"] == ["b"]


def test_columns_with_the_same_rules_are_not_swapped() -> None:
    class Bar(BaseModel):
        opened: float
        closed: float

    assert run(Bar).not_applicable["columns swapped"] == "no two fields have different rules"


def test_reason_is_shown() -> None:
    assert str(run(Numbers)) == "Numbers: not checked: the model has no fields"


def test_recursive_model_is_mutated() -> None:
    class Tree(BaseModel):
        name: str
        left: "Tree | None" = None

    Tree.model_rebuild(_types_namespace={"Tree": Tree})
    assert "name" in run(Tree).survived["text too long"]


class Post(BaseModel):
    text: str = Field(max_length=20_000)
    tags: list[str] = Field(default=[], max_length=20)


def test_text_is_longer_than_its_limit() -> None:
    assert "text" not in run(Post).survived.get("text too long", [])


def test_list_with_items_is_mutated_rather_than_an_empty_one() -> None:
    schema = schema_reader.Field(json_schema(Post))
    records = [{"text": "a", "tags": ["b"]}, {"text": "a", "tags": []}]
    table = Table(schema.fields, schema.required, records, schema.table)
    assert {leaf.label: leaf.row for leaf in table.leaves()}["tags"] == 0
