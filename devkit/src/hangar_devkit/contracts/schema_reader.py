"""Reader of JSON Schema: what a schema allows, with references followed and null set apart.

It knows the keywords that `schema_generator` adds for what JSON Schema cannot express.
Examples, strategies, mutation, comparison and the docs page read schemas through it. It needs only
the standard library.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Schema = Mapping[str, Any]
# Types of `x-rules` that pydantic exports as alternatives of a number and a text, or as any text.
OWN_TYPES = {"decimal", "fraction", "complex"}


@dataclass(frozen=True)
class TableRules:
    """What a contract says about a whole table of records, exported as `x-table`.

    Attributes:
        key: Fields whose values, together, occur once.
        ordered: The field that never decreases; empty for none.
        min_rows: The smallest number of rows.
        compare: Rules between the fields of a record, such as `("opened", "<=", "closed")`.
        per: Fields that form groups, each with an order of its own.
        step: The distance of two rows of a group, a number or an ISO 8601 duration; None for any.
    """

    key: tuple[str, ...] = ()
    ordered: str = ""
    min_rows: int = 0
    compare: tuple[tuple[str, str, str], ...] = ()
    per: tuple[str, ...] = ()
    step: Any = None


class Field:
    """A value in a JSON document: a record, one of its fields, an item of a list.

    Attributes:
        own: The schema as it is written, before references are followed.
        schema: The schema in force: references followed, the alternative beside null merged in.
        reference: The name of the definition that is referred to; empty for none.
        nullable: Whether null is allowed.
    """

    def __init__(self, schema: Schema, root: Schema | None = None) -> None:
        """Read a schema.

        Args:
            schema: The schema of the value.
            root: The document that its references point into; the schema itself when None.
        """
        self.own = schema
        self.reference = ""
        self.nullable = False
        self._root = schema if root is None else root
        self.schema: dict[str, Any] = self._resolve(dict(schema))

    @cached_property
    def type(self) -> str:
        """The JSON type, `decimal` or the like; `any` where the schema names none, or several."""
        own = self.rules.get("type")
        return str(own if own in OWN_TYPES else self.schema.get("type", "any"))

    @property
    def rules(self) -> dict[str, Any]:
        """The rules that JSON Schema does not have, by the names that pydantic gives them."""
        return dict(self.schema.get("x-rules", {}))

    @property
    def validators(self) -> list[str]:
        """The functions that check or change the value, each with its position."""
        return list(self.schema.get("x-validators", []))

    @property
    def array(self) -> Schema | None:
        """Shape and dtypes of an array; None for any other value."""
        return self.schema.get("x-array")

    @cached_property
    def types(self) -> set[str]:
        """Every JSON type that is allowed, null included."""
        own = {"null"} if self.nullable else set()
        if self.choices is not None:
            return own | {_json_type(value) for value in self.choices}
        if not self.options:
            return own | {self.type}
        return own.union(*(option.types for option in self.options))

    @cached_property
    def options(self) -> tuple["Field", ...]:
        """The alternatives of `anyOf` or `oneOf`, without null; empty where there is one."""
        if self.type in OWN_TYPES:
            return ()
        options = self.schema.get("anyOf") or self.schema.get("oneOf") or ()
        return tuple(self._child(option) for option in options)

    @cached_property
    def choices(self) -> list[Any] | None:
        """The only values that are allowed; None for no such limit."""
        if "const" in self.schema:
            return [self.schema["const"]]
        return list(self.schema["enum"]) if "enum" in self.schema else None

    @property
    def examples(self) -> list[Any] | None:
        """The values that the schema gives as examples, or the only ones that it allows."""
        return list(self.schema["examples"]) if "examples" in self.schema else self.choices

    @property
    def format(self) -> str:
        """The format of a string, such as `date-time`; empty for none."""
        return str(self.schema.get("format", ""))

    @property
    def pattern(self) -> str:
        """The regular expression that a string matches; empty for none."""
        return str(self.schema.get("pattern", ""))

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """The smallest and the largest number, both allowed; infinite for no limit."""
        whole = self.type == "integer"
        low = self.schema.get("minimum", -math.inf)
        if "exclusiveMinimum" in self.schema:
            limit = self.schema["exclusiveMinimum"]
            low = max(low, limit + 1 if whole else math.nextafter(limit, math.inf))
        high = self.schema.get("maximum", math.inf)
        if "exclusiveMaximum" in self.schema:
            limit = self.schema["exclusiveMaximum"]
            high = min(high, limit - 1 if whole else math.nextafter(limit, -math.inf))
        return low, high

    @property
    def lengths(self) -> tuple[int, int | None]:
        """The smallest and the largest length of a string; None for no limit."""
        return self.schema.get("minLength", 0), self.schema.get("maxLength")

    @property
    def sizes(self) -> tuple[int, int | None]:
        """The smallest and the largest number of items; None for no limit."""
        return self.schema.get("minItems", 0), self.schema.get("maxItems")

    @cached_property
    def items(self) -> "Field | None":
        """The items of a list; None where the schema does not describe them."""
        items = self.schema.get("items")
        return self._child(items) if isinstance(items, dict) else None

    @cached_property
    def first_items(self) -> tuple["Field", ...]:
        """The items at fixed positions, as in a tuple."""
        return tuple(self._child(item) for item in self.schema.get("prefixItems", ()))

    @cached_property
    def fields(self) -> dict[str, "Field"]:
        """The fields of an object, in order."""
        properties = self.schema.get("properties", {})
        return {name: self._child(schema) for name, schema in properties.items()}

    @cached_property
    def required(self) -> frozenset[str]:
        """The names of the fields that an object must have."""
        return frozenset(self.schema.get("required", ()))

    @property
    def closed(self) -> bool:
        """Whether an object refuses fields that are not listed."""
        return self.schema.get("additionalProperties") is False

    @cached_property
    def other_fields(self) -> "Field | None":
        """The unlisted fields of an object; None where the schema does not describe them."""
        schema = self.schema.get("additionalProperties")
        return self._child(schema) if isinstance(schema, dict) else None

    @cached_property
    def patterns(self) -> dict[str, "Field"]:
        """The fields of an object whose names match a pattern, by that pattern."""
        patterns = self.schema.get("patternProperties", {})
        return {pattern: self._child(schema) for pattern, schema in patterns.items()}

    @cached_property
    def keys(self) -> "Field | None":
        """What the names of unlisted fields must be; None for any text."""
        keys = self.schema.get("x-keys", self.schema.get("propertyNames"))
        return self._child(keys) if isinstance(keys, dict) else None

    @property
    def counts(self) -> tuple[int, int | None]:
        """The smallest and the largest number of fields; None for no limit."""
        return self.schema.get("minProperties", 0), self.schema.get("maxProperties")

    @cached_property
    def content(self) -> "Field | None":
        """The JSON document inside a text; None where it is no such text."""
        content = self.schema.get("contentSchema")
        return self._child(content) if isinstance(content, dict) else None

    @cached_property
    def table(self) -> TableRules:
        """The rules for a table of such records."""
        rules = self.schema.get("x-table", {})
        return TableRules(
            tuple(rules.get("key", ())),
            rules.get("ordered") or "",
            rules.get("least", 0),
            tuple((left, sign, right) for left, sign, right in rules.get("compare", ())),
            tuple(rules.get("per", ())),
            rules.get("every", rules.get("gap")),
        )

    def _child(self, schema: Schema) -> "Field":
        return Field(schema, self._root)

    def _resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Follow references and merge parts until neither is left."""
        while True:
            if "$ref" in schema:
                reference = schema.pop("$ref")
                self.reference = self.reference or reference.rpartition("/")[2]
                schema = _merged(_target(reference, self._root), schema)
            elif "allOf" in schema:
                for part in schema.pop("allOf"):
                    schema = _merged(part, schema)
            elif isinstance(schema.get("type"), list):
                schema["anyOf"] = [{"type": name} for name in schema.pop("type")]
                # Keywords for one type are ignored by the others.
                rest = {key: value for key, value in schema.items() if key != "anyOf"}
                schema["anyOf"] = [option | rest for option in schema["anyOf"]]
            elif not (merged := self._without_null(schema)):
                return schema
            else:
                schema = merged

    def _without_null(self, schema: dict[str, Any]) -> dict[str, Any] | None:
        """Take null out of the alternatives and merge the only one left; None if there is none."""
        for keyword in ("anyOf", "oneOf"):
            options = schema.get(keyword, [])
            rest = [option for option in options if option.get("type") != "null"]
            if len(rest) < len(options):
                self.nullable = True
                schema[keyword] = rest
            if options and not rest:
                del schema[keyword]
                return schema | {"type": "null"}
            if len(rest) == 1:
                del schema[keyword]
                return _merged(rest[0], schema)
        return None


def _merged(inner: Schema, outer: Schema) -> dict[str, Any]:
    """Merge two schemas that both hold: the outer keywords count, and all validators."""
    merged = {**inner, **outer}
    if "x-validators" in inner and "x-validators" in outer:
        merged["x-validators"] = [*inner["x-validators"], *outer["x-validators"]]
    if "x-rules" in inner and "x-rules" in outer:
        merged["x-rules"] = {**inner["x-rules"], **outer["x-rules"]}
    return merged


def _json_type(value: object) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}
    return names.get(type(value), "array" if isinstance(value, list) else "object")


def _target(reference: str, root: Schema) -> Schema:
    """Return the schema behind a reference such as `#/$defs/Name`."""
    target: Any = root
    for step in reference.removeprefix("#").removeprefix("/").split("/"):
        target = target[step.replace("~1", "/").replace("~0", "~")] if step else target
    return dict(target)
