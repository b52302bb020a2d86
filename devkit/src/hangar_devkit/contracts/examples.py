"""Valid test data from a contract: values that its JSON Schema allows, repeatable by a seed."""

import json
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from pydantic import AliasChoices, BaseModel, ValidationError

from hangar_devkit.contracts.patterns import matching
from hangar_devkit.contracts.schema import Field

Model = TypeVar("Model", bound=BaseModel)

MAX_ATTEMPTS = 200
MAX_DEPTH = 4  # of nested records; deeper ones are as small as the schema allows
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SURROGATES = range(0xD800, 0xE000)  # code points that are not characters


@dataclass(frozen=True)
class Ranges:
    """How far values spread where a schema sets no limit.

    Attributes:
        number: Largest absolute value of a number.
        integer: Largest absolute value of an integer.
        text: Smallest and largest length of a text.
        items: Largest number of items, above the smallest that is allowed.
        unicode: Whether a text has any characters but surrogates and NUL, or letters only.
        moments: The first moment, and the end of the last one.
        precision: Of a moment, in microseconds.
        days: The first and the last date.
        seconds: Longest duration.
    """

    number: float
    integer: int
    text: tuple[int, int]
    items: int
    unicode: bool
    moments: tuple[datetime, datetime]
    precision: int
    days: tuple[date, date]
    seconds: int


# Values that people can read, for examples.
PLAIN = Ranges(
    number=1_000_000,
    integer=1_000_000,
    text=(1, 12),
    items=8,
    unicode=False,
    moments=(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
    precision=1_000_000,
    days=(date(2026, 1, 1), date(2026, 12, 31)),
    seconds=86_400,
)
# Values that break code, for Hypothesis.
EXTREME = Ranges(
    number=sys.float_info.max / 2,
    integer=2**100,
    text=(0, 24),
    items=16,
    unicode=True,
    moments=(datetime(1970, 1, 2, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)),
    precision=1,
    days=(date.min, date.max),
    seconds=1_000_000,
)


def example(contract: type[Model], random: Random, **values: object) -> Model:
    """Return a valid record.

    Args:
        contract: The model of the record.
        random: The source of randomness; equal seeds give equal records.
        **values: Fields to set, by name; the others are generated.

    Raises:
        ValueError: No valid record was found. A field with rules in code needs
            `Field(examples=[...])`.
        ValidationError: The given values break the contract.
    """
    field = Field(contract.model_json_schema())
    problem: ValidationError | None = None
    for _ in range(MAX_ATTEMPTS):
        try:
            record = contract.model_validate_json(json.dumps(generate(field, random)))
        except ValidationError as error:
            problem = error
            continue
        if not values:
            return record
        keys = json_keys(contract)
        generated = {keys[name]: getattr(record, name) for name in contract.model_fields}
        given = {keys.get(name, name): value for name, value in values.items()}
        return contract.model_validate(generated | given)
    raise ValueError(
        f"no valid {contract.__name__} in {MAX_ATTEMPTS} attempts; "
        f"give its fields examples: {problem}"
    )


def table(contract: type[Model], rows: int, random: Random) -> list[Model]:
    """Return valid records that also keep the contract's table rules.

    Args:
        contract: The model of the records.
        rows: How many to generate; of those with equal keys one is kept.
        random: The source of randomness.
    """
    rules = Field(contract.model_json_schema()).table
    records = [example(contract, random) for _ in range(rows)]
    if rules.ordered:
        records.sort(key=lambda record: getattr(record, rules.ordered))
    if rules.key:
        by_key = {tuple(getattr(each, name) for name in rules.key): each for each in records}
        records = list(by_key.values())
    return records


def json_keys(contract: type[BaseModel]) -> dict[str, str]:
    """Return the JSON key of each field: its validation alias, or its name."""
    keys = {}
    for name, field in contract.model_fields.items():
        alias = field.validation_alias
        if isinstance(alias, AliasChoices):
            alias = alias.choices[0]
        keys[name] = alias if isinstance(alias, str) else name
    return keys


def generate(field: Field, random: Random, ranges: Ranges = PLAIN, depth: int = 0) -> Any:  # noqa: ANN401
    """Return a JSON value that a schema allows.

    Args:
        field: The schema.
        random: The source of randomness.
        ranges: How far values spread.
        depth: The number of records around the value.

    Raises:
        ValueError: The schema has a type or a pattern for which no value can be generated.
    """
    if field.examples:
        return random.choice(field.examples)
    if field.nullable and (depth > MAX_DEPTH or random.random() < 0.5):
        return None
    if field.options:
        flat = [option for option in field.options if option.type not in {"array", "object"}]
        options = flat if flat and depth > MAX_DEPTH else field.options
        return generate(random.choice(options), random, ranges, depth)
    generator = GENERATORS.get(field.type)
    if generator is None:
        raise ValueError(f"no value can be generated for the type {field.type}")
    return generator(field, random, ranges, depth)


def _number(field: Field, random: Random, ranges: Ranges, _depth: int) -> float:
    step = field.schema.get("multipleOf")
    limit = ranges.integer if step or field.type == "integer" else ranges.number
    low, high = field.bounds
    if math.isinf(low):
        low = min(-limit, high - limit) if math.isfinite(high) else -limit
    if math.isinf(high):
        high = max(limit, low + limit)
    if step:
        return step * random.randint(math.ceil(low / step), math.floor(high / step))  # type: ignore[no-any-return]
    if field.type == "integer":
        return random.randint(math.ceil(low), math.floor(high))
    return random.uniform(max(low, -sys.float_info.max), min(high, sys.float_info.max))


def _string(field: Field, random: Random, ranges: Ranges, _depth: int) -> str:
    if field.format in FORMATS:
        return FORMATS[field.format](random, ranges)
    low, high = field.lengths
    if field.pattern:
        for _ in range(MAX_ATTEMPTS):
            text = matching(field.pattern, random)
            if low <= len(text) and (high is None or len(text) <= high):
                return text
        raise ValueError(
            f"no text of {low} to {high or 'any number of'} characters for {field.pattern!r}"
        )
    longest = low + ranges.text[1] if high is None else high
    shortest = max(low, min(ranges.text[0], longest))
    return _text(random, ranges, random.randint(shortest, longest))


def _text(random: Random, ranges: Ranges, length: int) -> str:
    if not ranges.unicode:
        return "".join(random.choices(LETTERS, k=length))
    codes = (random.randrange(1, sys.maxunicode + 1 - len(SURROGATES)) for _ in range(length))
    return "".join(chr(code if code < SURROGATES[0] else code + len(SURROGATES)) for code in codes)


def _array(field: Field, random: Random, ranges: Ranges, depth: int) -> list[Any]:
    first = [generate(item, random, ranges, depth) for item in field.first_items]
    if field.items is None:
        return first
    low, high = field.sizes
    # Fewer items in nested records, so that one which contains itself stays small.
    longest = low + (ranges.items >> depth)
    if high is not None:
        longest = high if depth <= 1 else min(high, longest)
    size = random.randint(low, longest)
    items: list[Any] = []
    for _ in range(MAX_ATTEMPTS):
        if len(items) >= size:
            break
        item = generate(field.items, random, ranges, depth)
        if not (field.schema.get("uniqueItems") and item in items):
            items.append(item)
    return first + items


def _object(field: Field, random: Random, ranges: Ranges, depth: int) -> dict[str, Any]:
    values = {
        name: generate(inner, random, ranges, depth + 1)
        for name, inner in field.fields.items()
        if name in field.required or (depth <= MAX_DEPTH and random.random() < 0.5)
    }
    if field.other_fields is not None:
        count = random.randint(0, ranges.items >> depth)
        names = [_text(random, ranges, 8) for _ in range(count)]
        others = {name: generate(field.other_fields, random, ranges, depth + 1) for name in names}
        values = others | values
    return values


def _moment(random: Random, ranges: Ranges) -> datetime:
    first, after = ranges.moments
    step = timedelta(microseconds=ranges.precision)
    return first + step * random.randrange((after - first) // step)


def _day(random: Random, ranges: Ranges) -> str:
    first, last = ranges.days
    return date.fromordinal(random.randint(first.toordinal(), last.toordinal())).isoformat()


def _uuid(random: Random, _ranges: Ranges) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))


def _word(random: Random) -> str:
    return "".join(random.choices(LETTERS, k=8))


FORMATS: dict[str, Callable[[Random, Ranges], str]] = {
    "date-time": lambda random, ranges: _moment(random, ranges).isoformat(),
    "date": _day,
    "time": lambda random, ranges: _moment(random, ranges).timetz().isoformat(),
    "duration": lambda random, ranges: f"PT{random.randrange(ranges.seconds)}S",
    "uuid": _uuid,
    "uuid4": _uuid,
    "email": lambda random, _: f"{_word(random)}@example.com",
    "uri": lambda random, _: f"https://example.com/{_word(random)}",
}
GENERATORS: dict[str, Callable[[Field, Random, Ranges, int], Any]] = {
    "any": lambda _, random, *__: random.choice([None, True, 1, "text", {}]),
    "null": lambda *_: None,
    "boolean": lambda _, random, *__: random.random() < 0.5,
    "integer": _number,
    "number": _number,
    "string": _string,
    "array": _array,
    "object": _object,
}
