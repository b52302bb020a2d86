"""What a change of a contract breaks: each type of change, in both directions."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    AwareDatetime,
    Base64Bytes,
    Base64Str,
    BaseModel,
    ConfigDict,
    Field,
    FtpUrl,
    NaiveDatetime,
    PastDate,
    StrictInt,
    create_model,
)

from hangar_devkit.contracts.compatibility import compare
from hangar_devkit.contracts.project import json_schema

Schema = dict[str, Any]
P, C, BOTH, NOBODY = ("producers",), ("consumers",), ("producers", "consumers"), ()


def record(required: bool = True, **field: Any) -> Schema:
    """Make a contract of one field."""
    return {
        "type": "object",
        "properties": {"x": field},
        "required": ["x"] if required else [],
        "additionalProperties": False,
    }


NUMBER = record(type="number")
TEXT = record(type="string")
NULLABLE = record(anyOf=[{"type": "number"}, {"type": "null"}])
# (one, other, who is broken by the change from one to other, and who by the reverse)
PAIRS: dict[str, tuple[Schema, Schema, tuple[str, ...], tuple[str, ...]]] = {
    "type": (NUMBER, TEXT, BOTH, BOTH),
    "integer or number": (record(type="integer"), NUMBER, C, P),
    "null": (NUMBER, NULLABLE, C, P),
    "maximum": (record(type="number", maximum=1), record(type="number", maximum=2), C, P),
    "minimum": (record(type="number", minimum=1), record(type="number", minimum=2), P, C),
    "new bound": (NUMBER, record(type="number", exclusiveMaximum=2), P, C),
    "length": (TEXT, record(type="string", maxLength=9), P, C),
    "minimum length": (TEXT, record(type="string", minLength=1), P, C),
    "pattern": (TEXT, record(type="string", pattern="a"), P, C),
    "other pattern": (
        record(type="string", pattern="a"),
        record(type="string", pattern="b"),
        BOTH,
        BOTH,
    ),
    "enum": (record(enum=["a"]), record(enum=["a", "b"]), C, P),
    "enum at all": (TEXT, record(type="string", enum=["a"]), P, C),
    "const": (record(const="a"), record(enum=["a", "b"]), C, P),
    "required": (record(required=False, type="number"), NUMBER, P, C),
    "items": (
        record(type="array", items={"type": "number"}),
        record(type="array", items={"type": "number", "maximum": 1}),
        P,
        C,
    ),
    "table rule": (NUMBER, NUMBER | {"x-table": {"key": ["x"]}}, P, C),
    "description": (NUMBER, record(type="number", description="new"), NOBODY, NOBODY),
}


def broken(old: Schema, new: Schema) -> set[str]:
    """Name everybody that is broken."""
    return {who for change in compare({"c": old}, {"c": new}) for who in change.breaks}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_change_breaks(pair: tuple[Schema, Schema, tuple[str, ...], tuple[str, ...]]) -> None:
    one, other, forth, _ = pair
    assert broken(one, other) == set(forth)


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_reverse_change_breaks(
    pair: tuple[Schema, Schema, tuple[str, ...], tuple[str, ...]],
) -> None:
    one, other, _, back = pair
    assert broken(other, one) == set(back)


def with_field(required: bool) -> Schema:
    """Make a contract of two fields."""
    schema = record(type="number")
    schema["properties"] = schema["properties"] | {"y": {"type": "string"}}
    return schema | {"required": ["x", "y"] if required else ["x"]}


@pytest.mark.parametrize(
    ("old", "new", "breaks"),
    [
        (NUMBER, with_field(required=False), {"consumers"}),
        (NUMBER, with_field(required=True), {"producers", "consumers"}),
        (with_field(required=True), NUMBER, {"producers", "consumers"}),
        (with_field(required=False), NUMBER, {"producers"}),
    ],
    ids=["optional added", "required added", "required removed", "optional removed"],
)
def test_added_or_removed_field_breaks(old: Schema, new: Schema, breaks: set[str]) -> None:
    assert broken(old, new) == breaks


def opened(schema: Schema) -> Schema:
    """Return a contract that ignores other fields."""
    return {key: value for key, value in schema.items() if key != "additionalProperties"}


def test_optional_field_added_to_an_open_contract_breaks_nobody() -> None:
    assert broken(opened(NUMBER), opened(with_field(required=False))) == set()


def test_what_an_open_contract_got_before_is_not_checked() -> None:
    changes = compare({"c": opened(NUMBER)}, {"c": opened(with_field(required=False))})
    assert [change.checked for change in changes] == [True, False]


def test_removed_contract_breaks_both() -> None:
    assert compare({"c": NUMBER}, {})[0].breaks == BOTH


def test_new_contract_breaks_nobody() -> None:
    assert compare({}, {"c": NUMBER})[0].breaks == NOBODY


def test_nested_model_is_followed() -> None:
    def outer(most: int) -> Schema:
        return record(True, **{"$ref": "#/$defs/N"}) | {
            "$defs": {"N": record(type="number", maximum=most)}
        }

    assert [change.path for change in compare({"c": outer(1)}, {"c": outer(2)})] == ["c.x.x"]


def test_recursive_model_ends() -> None:
    schema = record(True, **{"$ref": "#/$defs/N"}) | {
        "$defs": {"N": record(True, **{"$ref": "#/$defs/N"})}
    }
    assert compare({"c": schema}, {"c": schema}) == []


class Cat(BaseModel):
    type: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    type: Literal["dog"]
    name: str


class OtherDog(BaseModel):
    model_config = ConfigDict(title="Dog")
    type: Literal["dog"]
    name: int


class Tree(BaseModel):
    name: str
    left: "Tree | None" = None


def even(value: int) -> int:
    """Refuse odd numbers."""
    return value


def half(value: int) -> float:
    """Change the value."""
    return value / 2


NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001
# Name -> (one, other, who is broken by the change from one to other, and who by the reverse)
TYPES: dict[str, tuple[Any, Any, tuple[str, ...], tuple[str, ...]]] = {
    "union variant": (Cat, Cat | Dog, C, P),
    "discriminated variant": (
        Annotated[Cat | OtherDog, Field(discriminator="type")],
        Annotated[Cat | Dog, Field(discriminator="type")],
        BOTH,
        BOTH,
    ),
    "bound in a union": (int | str, Annotated[int, Field(ge=0)] | str, P, C),
    "mapping's values": (dict[str, int], dict[str, str], BOTH, BOTH),
    "mapping's bound": (dict[str, int], dict[str, Annotated[int, Field(ge=1)]], P, C),
    "mapping's keys": (dict[int, int], dict[date, int], BOTH, BOTH),
    "mapping's key pattern": (
        dict[Annotated[str, Field(pattern="^a")], int],
        dict[Annotated[str, Field(pattern="^b")], int],
        BOTH,
        BOTH,
    ),
    "mapping's length": (dict[str, int], Annotated[dict[str, int], Field(min_length=1)], P, C),
    "tuple's order": (tuple[int, str], tuple[str, int], BOTH, BOTH),
    "tuple's length": (tuple[int, int], tuple[int, int, int], BOTH, BOTH),
    "decimal's bound": (Decimal, Annotated[Decimal, Field(ge=10)], P, C),
    "decimal's stricter bound": (
        Annotated[Decimal, Field(ge=0)],
        Annotated[Decimal, Field(ge=10)],
        P,
        C,
    ),
    "decimal places": (
        Annotated[Decimal, Field(decimal_places=4)],
        Annotated[Decimal, Field(decimal_places=2)],
        P,
        C,
    ),
    "digits": (
        Annotated[Decimal, Field(max_digits=12)],
        Annotated[Decimal, Field(max_digits=6)],
        P,
        C,
    ),
    "digits before the point": (
        Annotated[Decimal, Field(max_digits=5, decimal_places=2)],
        Annotated[Decimal, Field(max_digits=4, decimal_places=0)],
        BOTH,
        BOTH,
    ),
    "zone": (AwareDatetime, NaiveDatetime, BOTH, BOTH),
    "zone at all": (datetime, AwareDatetime, P, C),
    "time's bound": (datetime, Annotated[datetime, Field(ge=NAIVE)], P, C),
    "past": (date, PastDate, P, C),
    "duration's bound": (
        Annotated[timedelta, Field(gt=timedelta(hours=1))],
        Annotated[timedelta, Field(gt=timedelta(minutes=90))],
        P,
        C,
    ),
    "infinite": (float, Annotated[float, Field(allow_inf_nan=False)], P, C),
    "strict": (int, StrictInt, P, C),
    "default": (Annotated[int, Field(default=1)], Annotated[int, Field(default=2)], C, C),
    "validator": (int, Annotated[int, AfterValidator(even)], P, C),
    "other validator": (
        Annotated[int, AfterValidator(even)],
        Annotated[int, AfterValidator(half)],
        BOTH,
        BOTH,
    ),
    "exclusive bound": (Annotated[int, Field(ge=0)], Annotated[int, Field(gt=0)], P, C),
    "same bound": (Annotated[int, Field(gt=0)], Annotated[int, Field(ge=1)], NOBODY, NOBODY),
    "step": (Annotated[int, Field(multiple_of=10)], Annotated[int, Field(multiple_of=5)], C, P),
    "encoded text": (Base64Bytes, Base64Str, P, C),
    "scheme": (AnyHttpUrl, FtpUrl, BOTH, BOTH),
    "recursion": (Tree, Tree, NOBODY, NOBODY),
}


def model(annotation: Any) -> Schema:
    """Export a model of one field."""
    return json_schema(create_model("C", v=annotation))


@pytest.mark.parametrize("pair", TYPES.values(), ids=TYPES)
def test_change_of_a_type_breaks(
    pair: tuple[Any, Any, tuple[str, ...], tuple[str, ...]],
) -> None:
    one, other, forth, _ = pair
    assert broken(model(one), model(other)) == set(forth)


@pytest.mark.parametrize("pair", TYPES.values(), ids=TYPES)
def test_reverse_change_of_a_type_breaks(
    pair: tuple[Any, Any, tuple[str, ...], tuple[str, ...]],
) -> None:
    one, other, _, back = pair
    assert broken(model(other), model(one)) == set(back)


@pytest.mark.parametrize("name", ["shape", "dtypes"])
def test_change_of_an_array_breaks_both(name: str) -> None:
    before = {"shape": ["n", "3", "224", "224"], "dtypes": ["float32"]}
    after = before | {name: ["n", "224", "224", "3"]}
    old, new = (record(True, **{"x-array": each}) for each in (before, after))
    assert broken(old, new) == set(BOTH)


def test_strict_model_breaks_producers() -> None:
    class Config(BaseModel):
        model_config = ConfigDict(strict=True)
        v: int

    assert broken(model(int), json_schema(Config)) == {"producers"}


def test_code_of_a_validator_is_not_checked() -> None:
    schema = model(Annotated[int, AfterValidator(even)])
    assert [str(change) for change in compare({"c": schema}, {"c": schema})] == [
        "c.v: not checked: the code of the validator even"
    ]


def test_release_without_our_keywords_is_not_checked() -> None:
    old = {key: value for key, value in model(int).items() if not key.startswith("x-")}
    changes = compare({"c": old}, {"c": model(StrictInt)})
    assert [(change.breaks, change.checked) for change in changes] == [((), False)]


def test_schema_with_a_reference_to_another_file_is_not_checked() -> None:
    other = record(True, **{"$ref": "other.json#/Part"})
    assert [change.checked for change in compare({"c": other}, {"c": NUMBER})] == [False]


def test_unknown_keyword_is_not_checked() -> None:
    changes = compare({"c": TEXT}, {"c": record(type="string", contains="a")})
    assert [str(each) for each in changes] == [
        "c.x: not checked: the keyword contains, which changed"
    ]


@pytest.mark.parametrize(
    ("one", "other", "breaks"), [({"least": 5}, {"least": 1}, {"consumers"})], ids=["rows"]
)
def test_table_rule_is_ordered(one: Schema, other: Schema, breaks: set[str]) -> None:
    assert broken(NUMBER | {"x-table": one}, NUMBER | {"x-table": other}) == breaks


def test_change_is_one_line() -> None:
    change = compare({"c": NUMBER}, {"c": TEXT})[0]
    assert str(change) == "c.x: type number became string (breaks producers and consumers)"
