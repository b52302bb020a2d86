"""Mutation of models that are read by pydantic alone."""

from typing import Annotated

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel

from hangar_devkit.contracts.mutation import run
from hangar_devkit.contracts.project import ContractsError


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


def test_validator_that_crashes_kills() -> None:
    class Crashing(BaseModel):
        x: Annotated[int, AfterValidator(fail_on_large)]

    assert "above range" in run(Crashing).killed


def test_model_without_columns_has_no_score() -> None:
    assert run(Numbers).survived == {}


def test_field_that_is_never_written_is_explained() -> None:
    class Secret(BaseModel):
        x: int = Field(exclude=True)

    with pytest.raises(ContractsError, match=r"Secret is refused: 1 .*; x; Field required"):
        run(Secret)


def test_refused_data_is_explained_in_one_line() -> None:
    class Fickle(BaseModel):
        x: str

        def model_dump(self, **_: object) -> dict[str, object]:
            return {"x": 1}

    with pytest.raises(ContractsError, match=r"^generated data of Fickle is refused: 1 .*; x; "):
        run(Fickle)
