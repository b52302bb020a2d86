"""What a change of a contract breaks: each type of change, in both directions."""

from typing import Any

import pytest

from hangar_devkit.contracts.compatibility import compare

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
        (NUMBER, with_field(required=False), set()),
        (NUMBER, with_field(required=True), {"producers"}),
        (with_field(required=True), NUMBER, {"producers", "consumers"}),
        (with_field(required=False), NUMBER, {"producers"}),
    ],
    ids=["optional added", "required added", "required removed", "optional removed"],
)
def test_added_or_removed_field_breaks(old: Schema, new: Schema, breaks: set[str]) -> None:
    assert broken(old, new) == breaks


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


def test_change_is_one_line() -> None:
    change = compare({"c": NUMBER}, {"c": TEXT})[0]
    assert str(change) == "c.x: type number became string (breaks producers and consumers)"
