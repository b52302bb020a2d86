"""JSON values that a schema allows, from a source of randomness."""

import base64
import json
import math
import operator
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from ipaddress import IPv4Address, IPv6Address
from random import Random
from typing import Any
from uuid import UUID

from hangar_devkit.contracts.patterns import matching
from hangar_devkit.contracts.schema_reader import Field, Schema

MAX_ATTEMPTS = 200
MAX_DEPTH = 4  # of nested records; deeper ones are as small as the schema allows
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SURROGATES = range(0xD800, 0xE000)  # code points that are not characters
MIDNIGHT = date(1970, 1, 1)  # times of a day are drawn as moments of this one
# So far from now that they stay in the past and in the future for a while.
PAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)
FUTURE = datetime(2100, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
SCHEMES = ["https"]
# Preferred where an array may have several; the first ones that jaxtyping names are exotic.
COMMON_DTYPES = ["float32", "float64", "int64", "uint8", "complex64"]
ZONES = ["Asia/Tokyo", "Europe/London", "UTC"]
SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">=": operator.ge,
    ">": operator.gt,
}


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


class Values:
    """Values of one record: arrays of it share the sizes of dimensions with a name."""

    def __init__(self, random: Random, ranges: Ranges = PLAIN) -> None:
        """Draw from a source of randomness.

        Args:
            random: The source of randomness.
            ranges: How far values spread.
        """
        self._random = random
        self._ranges = ranges
        self._dimensions: dict[str, int] = {}

    def generate(self, field: Field, depth: int = 0) -> Any:  # noqa: ANN401
        """Return a JSON value that a schema allows; a NumPy array for an array.

        Args:
            field: The schema.
            depth: The number of records around the value.

        Raises:
            ValueError: The schema has a type or a pattern for which no value can be generated.
        """
        if field.examples:
            return self._random.choice(field.examples)
        if field.nullable and (depth > MAX_DEPTH or self._random.random() < 0.5):
            return None
        if field.array is not None:
            return self._array_of_numbers(field.array)
        if field.options:
            flat = [option for option in field.options if option.type not in {"array", "object"}]
            options = flat if flat and depth > MAX_DEPTH else field.options
            return self.generate(self._random.choice(options), depth)
        generator = GENERATORS.get(field.type)
        if generator is None:
            raise ValueError(f"no value can be generated for the type {field.type}")
        return generator(self, field, depth)

    def any(self, _field: Field, _depth: int) -> Any:  # noqa: ANN401
        """Return one of a few values."""
        return self._random.choice([None, True, 1, "text", {}])

    def boolean(self, _field: Field, _depth: int) -> bool:
        """Return true or false."""
        return self._random.random() < 0.5

    def number(self, field: Field, _depth: int) -> float:
        """Return a number in the range that the schema asks for."""
        step = field.schema.get("multipleOf")
        limit = self._ranges.integer if step or field.type == "integer" else self._ranges.number
        low, high = field.bounds
        if math.isinf(low):
            low = min(-limit, high - limit) if math.isfinite(high) else -limit
        if math.isinf(high):
            high = max(limit, low + limit)
        if step:
            first, last = math.ceil(low / step), math.floor(high / step)
            if first > last:
                raise ValueError(f"no multiple of {step} is between {low} and {high}")
            return step * self._random.randint(first, last)  # type: ignore[no-any-return]
        if field.type == "integer":
            return self._random.randint(math.ceil(low), math.floor(high))
        return self._random.uniform(max(low, -sys.float_info.max), min(high, sys.float_info.max))

    def decimal(self, field: Field, _depth: int) -> str:
        """Return a decimal as text, which keeps its digits."""
        rules = field.rules
        digits, places = rules.get("max_digits"), rules.get("decimal_places")
        if places is None:
            places = 2 if digits is None else min(2, digits)
        step = Decimal(rules["multiple_of"]) if "multiple_of" in rules else Decimal(10) ** -places
        limit = Decimal(10) ** (8 if digits is None else max(digits - places, 0)) - step
        low, high = _limits(field, Decimal, -limit, limit, step)
        first, last = math.ceil(low / step), math.floor(high / step)  # `//` rounds towards zero
        if digits is not None:
            first, last = max(first, -(limit // step)), min(last, limit // step)
        if first > last:
            raise ValueError(f"no decimal is between {low} and {high} in steps of {step}")
        return f"{self._random.randint(int(first), int(last)) * step:f}"

    def fraction(self, field: Field, _depth: int) -> str:
        """Return a fraction as text."""
        low, high = _limits(field, Fraction, Fraction(-99), Fraction(99), Fraction(1, 99))
        return str(low + (high - low) * Fraction(self._random.randint(0, 99), 99))

    def complex(self, _field: Field, _depth: int) -> str:
        """Return a complex number as text."""
        return f"{self._random.randint(-99, 99)}{self._random.randint(-99, 99):+d}j"

    def string(self, field: Field, depth: int) -> str:
        """Return a text of the format, the pattern and the length that the schema asks for."""
        if field.content is not None:
            return json.dumps(self.generate(field.content, depth))
        if field.schema.get("contentMediaType") == "application/json":
            return json.dumps(self.any(field, depth))
        if field.format in FORMATS:
            return FORMATS[field.format](self, field)
        low, high = field.lengths
        if field.pattern:
            for _ in range(MAX_ATTEMPTS):
                text = matching(field.pattern, self._random, low)
                if low <= len(text) and (high is None or len(text) <= high):
                    return text
            raise ValueError(
                f"no text of {low} to {high or 'any number of'} characters for {field.pattern!r}"
            )
        longest = low + self._ranges.text[1] if high is None else high
        shortest = max(low, min(self._ranges.text[0], longest))
        return self._text(self._random.randint(shortest, longest))

    def _text(self, length: int) -> str:
        if not self._ranges.unicode:
            return "".join(self._random.choices(LETTERS, k=length))
        count = sys.maxunicode + 1 - len(SURROGATES)
        codes = (self._random.randrange(1, count) for _ in range(length))
        return "".join(
            chr(code if code < SURROGATES[0] else code + len(SURROGATES)) for code in codes
        )

    def array(self, field: Field, depth: int) -> list[Any]:
        """Return a list."""
        first = [self.generate(item, depth) for item in field.first_items]
        if field.items is None:
            return first
        low, high = field.sizes
        # Fewer items in nested records, so that one which contains itself stays small.
        longest = low + (self._ranges.items >> depth)
        if high is not None:
            longest = high if depth <= 1 else min(high, longest)
        size = self._random.randint(low, max(low, longest))
        items: list[Any] = []
        for _ in range(MAX_ATTEMPTS):
            if len(items) >= size:
                break
            item = self.generate(field.items, depth)
            if not (field.schema.get("uniqueItems") and item in items):
                items.append(item)
        return first + items

    def object(self, field: Field, depth: int) -> dict[str, Any]:
        """Return a record or a mapping."""
        values = {
            name: self.generate(inner, depth + 1)
            for name, inner in field.fields.items()
            if name in field.required or (depth <= MAX_DEPTH and self._random.random() < 0.5)
        }
        return _compared({**self._others(field, depth), **values}, field)

    def _others(self, field: Field, depth: int) -> dict[str, Any]:
        """Return fields that the schema does not list, such as the entries of a mapping."""
        inner, keys = field.other_fields, field.keys
        pattern = ""
        if inner is None and field.patterns:
            pattern, inner = next(iter(field.patterns.items()))
        if inner is None:
            return {}
        low, high = field.counts
        longest = low + (self._ranges.items >> depth)
        size = self._random.randint(low, max(low, longest if high is None else min(high, longest)))
        others: dict[str, Any] = {}
        for _ in range(MAX_ATTEMPTS):
            if len(others) >= size:
                break
            if keys is not None:
                name = self.generate(keys, depth)
            else:
                name = matching(pattern, self._random) if pattern else self._text(8)
            others[name if isinstance(name, str) else json.dumps(name)] = self.generate(
                inner, depth + 1
            )
        return others

    def _array_of_numbers(self, array: Schema) -> Any:  # noqa: ANN401
        import numpy as np

        shape = [size for name in array["shape"] for size in self._sizes(name)]
        names = [name for name in COMMON_DTYPES if name in array["dtypes"]]
        dtype = np.dtype(str((names or array["dtypes"])[0]).replace("any", "float32"))
        # One number for all items: a search by Hypothesis pays for each that is drawn.
        generator = np.random.default_rng(self._random.getrandbits(64))
        return generator.integers(0, 2 if dtype.kind == "b" else 10, shape).astype(dtype)

    def _sizes(self, name: str) -> list[int]:
        """Return the size of a dimension as jaxtyping writes it; several for `...`."""
        name = name.rpartition("=")[2].lstrip("#?")
        if name.isdigit():
            return [int(name)]
        if name == "...":
            return [2]
        if name.startswith("*"):
            return [self._dimensions.setdefault(name, 2)]
        if name.startswith("_"):
            return [self._random.randint(1, 4)]
        if not name.isidentifier():
            raise ValueError(f"no array can be generated for the dimension {name}")
        if name not in self._dimensions:
            self._dimensions[name] = self._random.randint(1, 4)
        return [self._dimensions[name]]

    def moment(self, field: Field) -> str:
        """Return a date with a time, in the range and with the zone that the schema asks for."""
        first, after = self._ranges.moments
        first, after = {"past": PAST, "future": FUTURE}.get(
            field.rules.get("now_op", ""), (first, after)
        )
        step = timedelta(microseconds=self._ranges.precision)
        low, high = _limits(field, _utc, first, after - step, step)
        drawn = low + step * self._random.randint(0, max((high - low) // step, 0))
        return _zoned(drawn, field).isoformat()

    def day(self, field: Field) -> str:
        """Return a date in the range that the schema asks for."""
        first, last = self._ranges.days
        if "now_op" in field.rules:
            first, last = (
                each.date() for each in (PAST if field.rules["now_op"] == "past" else FUTURE)
            )
        low, high = _limits(field, date.fromisoformat, first, last, timedelta(days=1))
        return date.fromordinal(
            self._random.randint(low.toordinal(), max(low, high).toordinal())
        ).isoformat()

    def time(self, field: Field) -> str:
        """Return a time of the day, in the range and with the zone that the schema asks for."""
        first = datetime.combine(MIDNIGHT, time.min, UTC)
        step = timedelta(microseconds=self._ranges.precision)
        low, high = _limits(field, _time, first, first + timedelta(days=1) - step, step)
        drawn = low + step * self._random.randint(0, max((high - low) // step, 0))
        zoned = field.rules.get("tz_constraint") == "aware" or (
            "tz_constraint" not in field.rules and not _bound_texts(field)
        )
        shown: time = drawn.timetz() if zoned else drawn.time()
        return shown.isoformat()

    def duration(self, field: Field) -> str:
        """Return a duration in whole seconds, in the range that the schema asks for."""
        step = timedelta(seconds=1)
        low, high = _limits(
            field, read_duration, timedelta(0), timedelta(seconds=self._ranges.seconds), step
        )
        seconds = (low + step * self._random.randint(0, max((high - low) // step, 0))) // step
        return f"{'-' if seconds < 0 else ''}PT{abs(seconds)}S"

    def uuid(self, version: int) -> str:
        """Return a UUID of a version; `uuid.UUID` makes only some of them before Python 3.14."""
        number = self._random.getrandbits(128) & ~(0xF << 76) & ~(0x3 << 62)
        return str(UUID(int=number | version << 76 | 0x2 << 62))

    def address(self, version: int, prefix: str) -> str:
        """Return an address, an interface or a network of the ranges for documentation."""
        if version == 4:
            address: IPv4Address | IPv6Address = IPv4Address(
                int(IPv4Address("192.0.2.0")) + self._random.randrange(256)
            )
            size = "24"
            network = "192.0.2.0"
        else:
            address = IPv6Address(int(IPv6Address("2001:db8::")) + self._random.getrandbits(64))
            size, network = "32", "2001:db8::"
        if prefix == "network":
            return f"{network}/{size}"
        return f"{address}/{size}" if prefix == "interface" else str(address)

    def url(self, field: Field) -> str:
        """Return a URL of a scheme that the schema allows."""
        schemes: list[str] = field.rules.get("allowed_schemes", SCHEMES)
        scheme = self._random.choice(schemes)
        host = "" if scheme == "file" else "example.com"
        return f"{scheme}://{host}/{self.word()}"

    def encoded(self, field: Field, encode: Callable[[bytes], bytes]) -> str:
        """Return an encoded text."""
        return encode(self.password(field).encode()).decode()

    def password(self, field: Field) -> str:
        """Return letters, as many as the schema asks for."""
        low, high = field.lengths
        for validator in field.validators:  # a rule that pydantic applies by a function
            name, _, rest = validator.partition("(")
            number = rest.rpartition("=")[2].rstrip(")")
            low = int(number) if name.endswith("min_length_validator") else low
            high = int(number) if name.endswith("max_length_validator") else high
        length = self._random.randint(low, low + 8 if high is None else high)
        return "".join(self._random.choices(LETTERS, k=length))

    def word(self) -> str:
        """Return a word."""
        return "".join(self._random.choices(LETTERS, k=8))

    def zone(self) -> str:
        """Return the name of a time zone."""
        return self._random.choice(ZONES)


def _limits(
    field: Field,
    read: Callable[[Any], Any],
    first: Any,  # noqa: ANN401 - a number, a moment, a duration
    last: Any,  # noqa: ANN401
    step: Any,  # noqa: ANN401
) -> tuple[Any, Any]:
    """Return the smallest and the largest value; the range moves where a bound is outside it."""
    rules, span = field.rules, last - first
    low = high = None
    if "ge" in rules or "gt" in rules:
        low = read(rules["ge"]) if "ge" in rules else read(rules["gt"]) + step
    if "le" in rules or "lt" in rules:
        high = read(rules["le"]) if "le" in rules else read(rules["lt"]) - step
    if low is not None and high is not None:
        first, last = low, high
    elif low is not None:
        first, last = (max(first, low), last) if low <= last else (low, low + span)
    elif high is not None:
        first, last = (first, min(last, high)) if high >= first else (high - span, high)
    if first > last:
        raise ValueError(f"no value is between {first} and {last}")
    return first, last


def _bound_texts(field: Field) -> list[str]:
    return [str(field.rules[name]) for name in ("ge", "gt", "le", "lt") if name in field.rules]


def _utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _time(text: str) -> datetime:
    moment = datetime.combine(MIDNIGHT, time.fromisoformat(text))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _zoned(moment: datetime, field: Field) -> datetime:
    """Return the moment without its zone where the schema wants it, or its bounds have none."""
    constraint = field.rules.get("tz_constraint")
    bounds = [datetime.fromisoformat(text) for text in _bound_texts(field)]
    naive = constraint == "naive" or (
        constraint is None and bounds and all(each.tzinfo is None for each in bounds)
    )
    return moment.replace(tzinfo=None) if naive else moment


def read_duration(text: str) -> timedelta:
    """Read a duration as JSON Schema has it, such as `PT1H`."""
    from pydantic import TypeAdapter

    return TypeAdapter(timedelta).validate_python(text)


def _compared(values: dict[str, Any], field: Field) -> dict[str, Any]:
    """Swap values until the rules between fields are kept, as sorting does."""
    rules = [rule for rule in field.table.compare if {rule[0], rule[2]} <= values.keys()]
    for _ in range(len(rules) ** 2):
        for left, sign, right in rules:
            one, other = values[left], values[right]
            if one is None or other is None or type(one) is not type(other):
                continue
            ordered = _ordered(field, left, one), _ordered(field, right, other)
            if sign == "==":
                values[right] = one
            elif sign in SIGNS and not SIGNS[sign](*ordered):
                values[left], values[right] = other, one
    return values


def _ordered(field: Field, name: str, value: Any) -> Any:  # noqa: ANN401
    return Decimal(value) if field.fields[name].type == "decimal" else value


FORMATS: dict[str, Callable[[Values, Field], str]] = {
    "date-time": Values.moment,
    "date": Values.day,
    "time": Values.time,
    "duration": Values.duration,
    "uuid": lambda values, _: values.uuid(4),
    **{
        f"uuid{version}": lambda values, _, version=version: values.uuid(version)  # type: ignore[misc]
        for version in range(1, 9)
    },
    **{
        f"ip{name}{suffix}": lambda values, _, version=version, prefix=prefix: values.address(  # type: ignore[misc]
            version, prefix
        )
        for name, version in (("v4", 4), ("v6", 6), ("vany", 4))
        for suffix, prefix in (
            ("", ""),
            ("address", ""),
            ("interface", "interface"),
            ("network", "network"),
        )
    },
    "email": lambda values, _: f"{values.word()}@example.com",
    "name-email": lambda values, _: f"{values.word()} <{values.word()}@example.com>",
    "uri": Values.url,
    "multi-host-uri": Values.url,
    "base64": lambda values, field: values.encoded(field, base64.b64encode),
    "base64url": lambda values, field: values.encoded(field, base64.urlsafe_b64encode),
    "binary": Values.password,
    "password": Values.password,
    "path": lambda values, _: f"{values.word()}/{values.word()}",
    "zoneinfo": lambda values, _: values.zone(),
    "regex": lambda values, _: f"^{values.word()}$",
}
GENERATORS: dict[str, Callable[[Values, Field, int], Any]] = {
    "any": Values.any,
    "null": lambda *_: None,
    "boolean": Values.boolean,
    "integer": Values.number,
    "number": Values.number,
    "decimal": Values.decimal,
    "fraction": Values.fraction,
    "complex": Values.complex,
    "string": Values.string,
    "array": Values.array,
    "object": Values.object,
}
