"""What is generated from a model alone: schema, examples, strategies; for fields of all types."""

import json
from itertools import pairwise
from random import Random
from typing import Annotated, Any, Literal

import jsonschema
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model, model_validator

from hangar_devkit.contracts import export
from hangar_devkit.contracts.examples import example, file_types, table
from hangar_devkit.contracts.patterns import matching
from hangar_devkit.contracts.project import ContractsError
from hangar_devkit.contracts.strategies import records

QUICK = settings(max_examples=30, deadline=None, database=None)


class Part(BaseModel):
    weight: float = Field(gt=0, le=10)


class Order(BaseModel):
    """A contract of six fields that nothing else knows."""

    model_config = ConfigDict(extra="forbid", strict=True)

    number: str = Field(pattern=r"^[A-Z]{2}-\d{4,6}(/[ab])?$", max_length=9)
    placed: AwareDatetime
    state: Literal["open", "done"]
    count: int = Field(ge=1, lt=100, multiple_of=3)
    parts: list[Part] = Field(min_length=1, max_length=3)
    note: str | None = None


FIELDS = {
    "date": {"type": "string", "format": "date"},
    "uuid": {"type": "string", "format": "uuid"},
    "open bounds": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1e-9},
    "one": {"const": 3},
    "pairs": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "boolean"}]},
    "map": {"type": "object", "additionalProperties": {"type": "integer"}},
    "unique": {"type": "array", "items": {"enum": [1, 2]}, "uniqueItems": True, "maxItems": 2},
    "given": {"type": "string", "examples": ["only this"]},
    "length": {"type": "string", "minLength": 3, "maxLength": 3},
    "either": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
}


@pytest.mark.parametrize(("contract", "types"), [(Part, [".csv", ".jsonl"]), (Order, [".jsonl"])])
def test_csv_holds_no_nested_value(contract: type[BaseModel], types: list[str]) -> None:
    assert file_types(contract) == types


def test_example_is_valid() -> None:
    assert isinstance(example(Order, Random(1)), Order)


def test_equal_seeds_give_equal_examples() -> None:
    assert example(Order, Random(1)) == example(Order, Random(1))


def test_other_seed_gives_another_example() -> None:
    assert example(Order, Random(1)) != example(Order, Random(2))


def test_given_value_is_kept() -> None:
    assert example(Order, Random(1), count=42).count == 42


def test_invalid_given_value_is_refused() -> None:
    with pytest.raises(ValueError, match="count"):
        example(Order, Random(1), count=0)


def test_rule_in_code_is_explained() -> None:
    class Never(BaseModel):
        a: Any = Field(json_schema_extra={"type": "string", "enum": ["x"]})
        b: int = Field(json_schema_extra={"enum": ["not a number"]})

    with pytest.raises(ValueError, match="give its fields examples"):
        example(Never, Random(1))


@given(records(Order))
@QUICK
def test_strategy_draws_valid_records(order: Order) -> None:
    assert Order.model_validate_json(order.model_dump_json()) == order


@given(records(Order))
@QUICK
def test_schema_accepts_what_the_model_accepts(order: Order) -> None:
    schema = json.loads(export.schemas([Order])["order.schema.json"])
    assert jsonschema.Draft202012Validator(schema).is_valid(json.loads(order.model_dump_json()))


@pytest.mark.parametrize(
    "change",
    [
        {"number": "x"},
        {"state": "lost"},
        {"count": 0},
        {"count": 4},
        {"parts": []},
        {"parts": [{"weight": 0}]},
        {"note": 1},
        {"more": 1},
    ],
    ids=str,
)
def test_schema_refuses_what_the_model_refuses(change: dict[str, Any]) -> None:
    schema = json.loads(export.schemas([Order])["order.schema.json"])
    record = json.loads(example(Order, Random(1)).model_dump_json()) | change
    assert not jsonschema.Draft202012Validator(schema).is_valid(record)


def test_alias_is_followed() -> None:
    class Renamed(BaseModel):
        count: int = Field(validation_alias="Count", ge=1)

    assert example(Renamed, Random(1), count=42).count == 42


class Node(BaseModel):
    """A model that contains itself, on three ways."""

    children: list["Node"]
    parent: "Node | None"
    names: dict[str, "Node"] = {}


@pytest.mark.parametrize("seed", range(20))
def test_recursive_model_has_examples(seed: int) -> None:
    assert isinstance(example(Node, Random(seed)), Node)


@given(records(Node))
@QUICK
def test_recursive_model_has_a_strategy(node: Node) -> None:
    assert isinstance(node, Node)


class Extreme(BaseModel):
    text: str
    number: float
    count: int


def test_strategy_draws_more_than_letters() -> None:
    assert find(records(Extreme), lambda drawn: not drawn.text.isascii())


def test_strategy_draws_empty_text() -> None:
    assert find(records(Extreme), lambda drawn: not drawn.text)


def test_strategy_draws_huge_numbers() -> None:
    assert find(records(Extreme), lambda drawn: abs(drawn.number) > 1e200)


def test_strategy_draws_integers_beyond_64_bits() -> None:
    assert find(records(Extreme), lambda drawn: drawn.count > 2**64)


def test_strategy_shrinks() -> None:
    assert find(records(Extreme), lambda drawn: drawn.count > 10).count == 11


def test_schema_is_of_the_dialect() -> None:
    schema = json.loads(export.schemas([Order])["order.schema.json"])
    assert jsonschema.validators.validator_for(schema) is jsonschema.Draft202012Validator


def test_two_models_never_share_a_file() -> None:
    other = type("order", (BaseModel,), {})
    with pytest.raises(ContractsError, match=r"two contracts .* contracts/order.schema.json"):
        export.schemas([Order, other])


def test_export_repeats_to_the_byte() -> None:
    assert export.schemas([Order]) == export.schemas([Order])


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
@given(data=st.data())
@QUICK
def test_every_type_of_field_has_a_strategy(field: dict[str, Any], data: st.DataObject) -> None:
    model = anything(field)
    drawn = data.draw(records(model)).model_dump()["x"]
    assert jsonschema.Draft202012Validator(field).is_valid(drawn)


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_every_type_of_field_has_examples(field: dict[str, Any]) -> None:
    made = [example(anything(field), Random(seed)).model_dump()["x"] for seed in range(30)]
    assert [
        each for each in made if not jsonschema.Draft202012Validator(field).is_valid(each)
    ] == []


def test_set_of_a_pattern_that_short_texts_match_has_examples() -> None:
    class Tags(BaseModel):
        tags: Annotated[set[Annotated[str, Field(pattern="a")]], Field(min_length=5)]

    assert len(example(Tags, Random(1)).tags) >= 5


def anything(field: dict[str, Any]) -> type[BaseModel]:
    """Make a model of one field that any value fits, but whose schema is given."""

    class Anything(BaseModel):
        x: Any = Field(json_schema_extra=field)

    return Anything


@pytest.mark.parametrize(
    "pattern",
    [r"^[a-z][a-z0-9_.-]*$", r"a|bc|d{2,3}", r"(\w+)-\1", r"[^a-y]\D\S.", r"\d{3}(?:-\d{2})?\s"],
)
def test_pattern_matches_the_generated_text(pattern: str) -> None:
    import re

    made = [matching(pattern, Random(seed)) for seed in range(50)]
    assert [text for text in made if not re.search(pattern, text)] == []


@pytest.mark.parametrize(
    ("pattern", "lengths"),
    [
        (r"^[A-Z0-9]+$", {"min_length": 30}),
        (r"a", {"min_length": 30}),
        (r"^[[:alpha:]]+$", {}),
        (r"^\p{L}[\p{L}\d]*$", {}),
        (r"^a\z", {}),
    ],
    ids=["long", "more", "class", "property", "end"],
)
def test_pattern_of_the_engine_of_pydantic_has_examples(
    pattern: str, lengths: dict[str, Any]
) -> None:
    model = create_model("M", x=(str, Field(pattern=pattern, **lengths)))
    assert isinstance(example(model, Random(1)), model)


class Quantiles(BaseModel):
    """Six numbers in order, as the base class of a project has that rule."""

    model_config = ConfigDict(
        json_schema_extra={
            "x-table": {
                "compare": [[one, "<=", two] for one, two in pairwise("abcdef")],
                "least": 5,
            }
        }
    )
    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    @model_validator(mode="after")
    def check(self) -> "Quantiles":
        values = [self.a, self.b, self.c, self.d, self.e, self.f]
        if values != sorted(values):
            raise ValueError("must be in order")
        return self


def test_ordered_fields_have_examples() -> None:
    assert isinstance(example(Quantiles, Random(1)), Quantiles)


def test_table_has_as_many_rows_as_the_contract_requires() -> None:
    assert len(table(Quantiles, 3, Random(1))) == 5


@pytest.mark.parametrize(
    ("model", "file"),
    [
        ("PriceTick", "price-tick"),
        ("HTTPRequest", "http-request"),
        ("OHLCVBar", "ohlcv-bar"),
        ("IPPacket", "ip-packet"),
    ],
)
def test_file_is_named_by_the_words_of_the_model(model: str, file: str) -> None:
    assert export.file_name(model) == f"{file}.schema.json"


def test_pattern_without_a_text_is_explained() -> None:
    with pytest.raises(ValueError, match="no text can be generated"):
        matching(r"a(?=b)", Random(1))
