"""Hypothesis strategies from a contract: its JSON Schema, searched for values that break code."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from .examples import LETTERS, Schema, bounds, offered, resolve
from .patterns import matching

Model = TypeVar("Model", bound=BaseModel)
EARLIEST, LATEST = datetime(1970, 1, 2), datetime(2100, 1, 1)  # noqa: DTZ001 (the zone is drawn)


def records(contract: type[Model]) -> st.SearchStrategy[Model]:
    """Return a strategy for good records of a contract."""
    schema = contract.model_json_schema()

    def validated(value: object) -> Model | None:
        try:
            return contract.model_validate_json(json.dumps(value))
        except ValidationError:
            return None  # what only code can judge

    drawn = _values(schema, schema).map(validated)
    return drawn.filter(lambda record: record is not None)  # type: ignore[return-value]


def tables(contract: type[Model], *, most: int = 20) -> st.SearchStrategy[list[Model]]:
    """Return a strategy for lists of records that also keep the contract's table rules."""
    rules = contract.model_json_schema().get("x-table", {})

    def key(record: Model) -> tuple[object, ...]:
        return tuple(getattr(record, name) for name in rules["key"])

    found = st.lists(
        records(contract),
        min_size=rules.get("least", 0),
        max_size=most,
        unique_by=key if "key" in rules else None,
    )
    if "ordered" in rules:
        return found.map(lambda rows: sorted(rows, key=lambda row: getattr(row, rules["ordered"])))
    return found


def _values(schema: Schema, root: Schema) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return st.deferred(lambda: _values(resolve(schema, root), root))
    choices = offered(schema)
    if choices is not None:
        return st.sampled_from(choices)
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return st.one_of([_values(choice, root) for choice in schema[several]])
    make = MAKERS.get(schema.get("type", "object"))
    if make is None:
        raise ValueError(f"no strategy for {schema}")
    return make(schema, root)


def _numbers(schema: Schema, _root: Schema) -> st.SearchStrategy[Any]:
    least, most = (None if abs(bound) == float("inf") else bound for bound in bounds(schema))
    if step := schema.get("multipleOf"):
        return st.integers(
            None if least is None else -int(-least // step),
            None if most is None else int(most // step),
        ).map(lambda number: number * step)
    if schema["type"] == "integer":
        return st.integers(
            None if least is None else -int(-least // 1), None if most is None else int(most // 1)
        )
    return st.floats(least, most, allow_nan=False, allow_infinity=False)


def _texts(schema: Schema, _root: Schema) -> st.SearchStrategy[str]:
    zoned = st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC))
    formats: dict[str, st.SearchStrategy[str]] = {
        "date-time": zoned.map(datetime.isoformat),
        "date": st.dates().map(str),
        "time": zoned.map(lambda moment: moment.timetz().isoformat()),
        "duration": st.integers(0, 10**6).map("PT{}S".format),
        "uuid": st.uuids(version=4).map(str),
        "uuid4": st.uuids(version=4).map(str),
        "email": st.text(LETTERS, min_size=1, max_size=20).map("{}@example.com".format),
        "uri": st.text(LETTERS, max_size=20).map("https://example.com/{}".format),
    }
    if schema.get("format") in formats:
        return formats[schema["format"]]
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if "pattern" in schema:
        # `st.from_regex` first sorts all of Unicode: seconds, in every fresh clone.
        chance = st.randoms(use_true_random=False)
        text = chance.map(lambda random: matching(schema["pattern"], random))
        return text.filter(lambda found: least <= len(found) and (not most or len(found) <= most))
    # A surrogate is no text, and NUL is refused at the edge.
    allowed = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    return st.text(allowed, min_size=least, max_size=most)


def _arrays(schema: Schema, root: Schema) -> st.SearchStrategy[list[Any]]:
    fixed = st.tuples(*[_values(item, root) for item in schema.get("prefixItems", [])]).map(list)
    if not isinstance(schema.get("items"), dict):
        return fixed
    return st.lists(
        _values(schema["items"], root),
        min_size=schema.get("minItems", 0),
        max_size=schema.get("maxItems"),
        unique_by=json.dumps if schema.get("uniqueItems") else None,
    )


def _objects(schema: Schema, root: Schema) -> st.SearchStrategy[dict[str, Any]]:
    inner = {name: _values(s, root) for name, s in schema.get("properties", {}).items()}
    required = {name: inner.pop(name) for name in schema.get("required", [])}
    if isinstance(schema.get("additionalProperties"), dict) and not (required or inner):
        return st.dictionaries(st.text(max_size=20), _values(schema["additionalProperties"], root))
    return st.fixed_dictionaries(required, optional=inner)


MAKERS: dict[str, Callable[[Schema, Schema], st.SearchStrategy[Any]]] = {
    "null": lambda *_: st.none(),
    "boolean": lambda *_: st.booleans(),
    "integer": _numbers,
    "number": _numbers,
    "string": _texts,
    "array": _arrays,
    "object": _objects,
}
