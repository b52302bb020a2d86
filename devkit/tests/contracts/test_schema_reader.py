"""The reader of JSON Schema."""

import math
from typing import Any

import pytest

from hangar_devkit.contracts.schema_reader import Field, TableRules

DOCUMENT: dict[str, Any] = {
    "title": "Order",
    "type": "object",
    "additionalProperties": False,
    "required": ["part"],
    "properties": {
        "part": {"$ref": "#/$defs/Part", "description": "Which one."},
        "spare": {"anyOf": [{"$ref": "#/$defs/Part"}, {"type": "null"}], "default": None},
        "count": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]},
        "amount": {"type": ["number", "null"], "minimum": 1},
        "either": {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]},
        "state": {"enum": ["open", "done"]},
        "one": {"const": 3},
        "given": {"type": "string", "examples": ["a"]},
        "pair": {"type": "array", "prefixItems": [{"type": "integer"}]},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}, "minItems": 1},
        "old": {"allOf": [{"$ref": "#/$defs/Part"}], "title": "Old"},
        "nothing": {"type": "null"},
        "anything": {},
        "map": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
    "$defs": {
        "Part": {
            "type": "object",
            "description": "A part.",
            "properties": {"inner": {"$ref": "#/$defs/Part"}, "root": {"$ref": "#"}},
        }
    },
    "x-table": {"key": ["part"], "ordered": "count", "least": 2},
}


@pytest.fixture
def order() -> Field:
    """The whole document."""
    return Field(DOCUMENT)


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("part", "object"),
        ("spare", "object"),
        ("count", "integer"),
        ("amount", "number"),
        ("either", "any"),
        ("parts", "array"),
        ("old", "object"),
        ("nothing", "null"),
        ("anything", "any"),
    ],
)
def test_type(order: Field, name: str, type_: str) -> None:
    assert order.fields[name].type == type_


@pytest.mark.parametrize(
    ("name", "nullable"),
    [("part", False), ("spare", True), ("count", True), ("amount", True), ("either", True)],
)
def test_nullable(order: Field, name: str, *, nullable: bool) -> None:
    assert order.fields[name].nullable is nullable


def test_types_of_alternatives(order: Field) -> None:
    assert order.fields["either"].types == {"integer", "string", "null"}


def test_null_is_not_an_alternative(order: Field) -> None:
    assert [option.type for option in order.fields["either"].options] == ["integer", "string"]


@pytest.mark.parametrize("name", ["part", "spare", "old"])
def test_reference_is_named(order: Field, name: str) -> None:
    assert order.fields[name].reference == "Part"


def test_text_beside_a_reference_comes_first(order: Field) -> None:
    assert order.fields["part"].schema["description"] == "Which one."


def test_reference_is_followed_again_and_again(order: Field) -> None:
    assert order.fields["part"].fields["inner"].fields["inner"].fields["root"].required == {"part"}


def test_reference_to_a_whole_document() -> None:
    node = Field({"$defs": {"N": {"type": "object", "title": "N"}}, "$ref": "#/$defs/N"})
    assert node.schema["title"] == "N"


def test_escaped_reference() -> None:
    schema = {"$defs": {"A/B": {"type": "integer"}}, "$ref": "#/$defs/A~1B"}
    assert Field(schema).type == "integer"


def test_keywords_of_the_alternative_beside_null(order: Field) -> None:
    assert order.fields["count"].bounds == (1, math.inf)


@pytest.mark.parametrize(
    ("schema", "bounds"),
    [
        ({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 5}, (2, 4)),
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": 1}, (3, math.inf)),
        (
            {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
            (math.nextafter(0, math.inf), 1),
        ),
    ],
)
def test_bounds_are_inclusive(schema: dict[str, Any], bounds: tuple[float, float]) -> None:
    assert Field(schema).bounds == bounds


@pytest.mark.parametrize(
    ("name", "choices"), [("state", ["open", "done"]), ("one", [3]), ("given", None)]
)
def test_choices(order: Field, name: str, choices: list[object] | None) -> None:
    assert order.fields[name].choices == choices


def test_choices_are_examples(order: Field) -> None:
    assert order.fields["one"].examples == [3]


def test_examples_are_not_the_only_choices(order: Field) -> None:
    assert order.fields["given"].examples == ["a"]


def test_items(order: Field) -> None:
    items = order.fields["parts"].items
    assert items is not None
    assert items.reference == "Part"


def test_sizes(order: Field) -> None:
    assert order.fields["parts"].sizes == (1, None)


def test_items_at_fixed_positions(order: Field) -> None:
    assert [item.type for item in order.fields["pair"].first_items] == ["integer"]


def test_other_fields(order: Field) -> None:
    others = order.fields["map"].other_fields
    assert others is not None
    assert others.type == "integer"


def test_object_without_other_fields(order: Field) -> None:
    assert order.closed


def test_table_rules(order: Field) -> None:
    assert order.table == TableRules(key=("part",), ordered="count", min_rows=2)


def test_document_is_not_changed(order: Field) -> None:
    before = repr(DOCUMENT)
    for field in order.fields.values():
        _ = field.types
    assert repr(DOCUMENT) == before
