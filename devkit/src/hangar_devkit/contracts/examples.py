"""Good data from a contract: values that its JSON Schema allows, repeatable by a seed."""

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from .patterns import matching

Model = TypeVar("Model", bound=BaseModel)
Schema = dict[str, Any]

TRIES = 200
WIDE = 1_000_000  # bound of a number that has none
MORE = 4  # items beyond the fewest, where a schema sets no limit
LETTERS = "abcdefghijklmnopqrstuvwxyz"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def example(contract: type[Model], random: Random, **values: object) -> Model:
    """Make a good record.

    Args:
        contract: What to make.
        random: Where chance comes from; equal seeds give equal records.
        **values: Fields to set; the rest is made up.

    Returns:
        A record that passed the contract.

    Raises:
        ValueError: No good record was found; a field that only code can judge needs
            `Field(examples=[...])`.
        ValidationError: The given values break the contract.
    """
    schema = contract.model_json_schema()
    problem: ValidationError | None = None
    for _ in range(TRIES):
        try:
            made = contract.model_validate_json(json.dumps(generate(schema, random, schema)))
        except ValidationError as error:
            problem = error
            continue
        if not values:
            return made
        return contract.model_validate(_fields(made) | values)
    raise ValueError(
        f"no good {contract.__name__} in {TRIES} tries; give its fields examples: {problem}"
    )


def table(contract: type[Model], rows: int, random: Random) -> list[Model]:
    """Make good records that also keep the contract's table rules.

    Args:
        contract: What to make.
        rows: How many to make; those whose key is taken are left out.
        random: Where chance comes from.

    Returns:
        Records in order, each key once.
    """
    rules = contract.model_json_schema().get("x-table", {})
    made = [example(contract, random) for _ in range(rows)]
    if "ordered" in rules:
        made.sort(key=lambda record: getattr(record, rules["ordered"]))
    if "key" in rules:
        made = list({tuple(getattr(r, name) for name in rules["key"]): r for r in made}.values())
    return made


def generate(schema: Schema, random: Random, root: Schema) -> Any:  # noqa: ANN401
    """Return a JSON value that a schema allows.

    Args:
        schema: The schema of the value.
        random: Where chance comes from.
        root: The whole schema, for references.

    Returns:
        The value, as `json.loads` would give it.

    Raises:
        ValueError: The schema uses a keyword that no value can be made from.
    """
    if "$ref" in schema:
        schema = resolve(schema, root)
    choices = offered(schema)
    if choices is not None:
        return random.choice(choices)
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return generate(random.choice(schema[several]), random, root)
    make = MAKERS.get(schema.get("type", "object"))
    if make is None:
        raise ValueError(f"no value can be made for {schema}")
    return make(schema, random, root)


def offered(schema: Schema) -> list[Any] | None:
    """Return the values that a schema lists, if it does."""
    if "const" in schema:
        return [schema["const"]]
    listed: list[Any] | None = schema.get("examples", schema.get("enum"))
    return listed


def resolve(schema: Schema, root: Schema) -> Schema:
    """Follow a reference such as `#/$defs/Name`."""
    target: Any = root
    for step in schema["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    return dict(target)


def bounds(schema: Schema) -> tuple[float, float]:
    """Return the least and the greatest number that a schema allows, both included."""
    step = 1 if schema["type"] == "integer" else 0
    least, most = -math.inf, math.inf
    if "minimum" in schema:
        least = schema["minimum"]
    if "exclusiveMinimum" in schema:
        bound = schema["exclusiveMinimum"]
        least = max(least, bound + 1 if step else math.nextafter(bound, math.inf))
    if "maximum" in schema:
        most = schema["maximum"]
    if "exclusiveMaximum" in schema:
        bound = schema["exclusiveMaximum"]
        most = min(most, bound - 1 if step else math.nextafter(bound, -math.inf))
    return least, most


def _fields(record: BaseModel) -> dict[str, object]:
    return {
        str(field.validation_alias or name): getattr(record, name)
        for name, field in type(record).model_fields.items()
    }


def _number(schema: Schema, random: Random, _root: Schema) -> float:
    least, most = bounds(schema)
    if math.isinf(least):
        least = min(-WIDE, most - WIDE) if math.isfinite(most) else -WIDE
    if math.isinf(most):
        most = max(WIDE, least + WIDE)
    if step := schema.get("multipleOf"):
        return step * random.randint(math.ceil(least / step), math.floor(most / step))  # type: ignore[no-any-return]
    if schema["type"] == "integer":
        return random.randint(math.ceil(least), math.floor(most))
    return random.uniform(least, most)


def _text(schema: Schema, random: Random, _root: Schema) -> str:
    made = FORMATS.get(schema.get("format", ""))
    if made:
        return made(random)
    least = schema.get("minLength", 0)
    most = schema.get("maxLength", least + 12)
    if "pattern" in schema:
        for _ in range(TRIES):
            text = matching(schema["pattern"], random)
            if least <= len(text) <= schema.get("maxLength", len(text)):
                return text
        raise ValueError(f"no text of {least} to {most} characters for {schema['pattern']!r}")
    return "".join(random.choices(LETTERS, k=random.randint(max(least, min(1, most)), most)))


def _array(schema: Schema, random: Random, root: Schema) -> list[Any]:
    fixed = [generate(item, random, root) for item in schema.get("prefixItems", [])]
    least = schema.get("minItems", 0)
    most = schema.get("maxItems", least + MORE)
    if "items" not in schema or not isinstance(schema["items"], dict):
        return fixed
    made: list[Any] = []
    for _ in range(TRIES):
        if len(made) >= max(least, random.randint(least, most)):
            break
        item = generate(schema["items"], random, root)
        if not (schema.get("uniqueItems") and item in made):
            made.append(item)
    return fixed + made


def _object(schema: Schema, random: Random, root: Schema) -> dict[str, Any]:
    required = schema.get("required", [])
    made = {
        name: generate(inner, random, root)
        for name, inner in schema.get("properties", {}).items()
        if name in required or random.random() < 0.5
    }
    values = schema.get("additionalProperties")
    if isinstance(values, dict):
        names = [_word(random) for _ in range(random.randint(0, MORE))]
        made |= {name: generate(values, random, root) for name in names}
    return made


def _moment(random: Random) -> datetime:
    return EPOCH + timedelta(seconds=random.randrange(365 * 86400))


def _word(random: Random) -> str:
    return "".join(random.choices(LETTERS, k=8))


FORMATS: dict[str, Callable[[Random], str]] = {
    "date-time": lambda random: _moment(random).isoformat(),
    "date": lambda random: _moment(random).date().isoformat(),
    "time": lambda random: _moment(random).timetz().isoformat(),
    "duration": lambda random: f"PT{random.randrange(86400)}S",
    "uuid": lambda random: str(UUID(int=random.getrandbits(128), version=4)),
    "uuid4": lambda random: str(UUID(int=random.getrandbits(128), version=4)),
    "email": lambda random: f"{_word(random)}@example.com",
    "uri": lambda random: f"https://example.com/{_word(random)}",
}
MAKERS: dict[str, Callable[[Schema, Random, Schema], Any]] = {
    "null": lambda *_: None,
    "boolean": lambda _, random, __: random.random() < 0.5,
    "integer": _number,
    "number": _number,
    "string": _text,
    "array": _array,
    "object": _object,
}
