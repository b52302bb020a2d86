"""Pydantic models of random fields, and JSON values to try on them: material for property tests.

`TYPES` has every type of the pages "Types" and "Conversion table" of pydantic's documentation that
a JSON document can hold. A seed gives the same models on every machine.
"""

# Types are made at run time here.
# mypy: disable-error-code="valid-type,misc"

import enum
import json
import re
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from pathlib import Path
from random import Random
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import pydantic
from pydantic import (
    UUID1,
    UUID3,
    UUID4,
    UUID5,
    UUID6,
    UUID7,
    UUID8,
    AfterValidator,
    AliasChoices,
    AllowInfNan,
    AwareDatetime,
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    FutureDate,
    FutureDatetime,
    Json,
    JsonValue,
    NaiveDatetime,
    PastDate,
    PastDatetime,
    RootModel,
    SecretBytes,
    SecretStr,
    StringConstraints,
    create_model,
)
from typing_extensions import TypedDict  # pydantic wants it below Python 3.12

Make = Callable[[Random], Any]


class Colour(enum.Enum):
    """An enumeration of texts."""

    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    """An enumeration of numbers."""

    LOW = 1
    HIGH = 2


class Point(NamedTuple):
    """A tuple with names."""

    x: int
    y: float


class Size(TypedDict, total=False):
    """A dictionary with declared keys."""

    width: int
    height: float


@pydantic.dataclasses.dataclass
class Leg:
    """A dataclass of pydantic."""

    start: str
    length: int = 0


class Cat(BaseModel):
    """One of the variants of a discriminated union."""

    type: Literal["cat"]
    lives: int = Field(ge=0, le=9)


class Dog(BaseModel):
    """Another variant."""

    type: Literal["dog"]
    name: str = Field(min_length=1)


class Tree(BaseModel):
    """A model that contains itself."""

    name: str
    left: "Tree | None" = None
    children: list["Tree"] = []


class Celsius(RootModel[float]):
    """A model of one value."""


def is_even(value: int) -> int:
    """Refuse odd numbers: a rule that only code has."""
    if value % 2:
        raise ValueError("must be even")
    return value


def is_small(value: int) -> int:
    """Refuse numbers above ten: another rule that only code has."""
    if value > 10:
        raise ValueError("must be small")
    return value


def is_short(value: str) -> str:
    """Refuse long text: a rule that only code has."""
    if len(value) > 6:
        raise ValueError("must be short")
    return value


def _bounds(random: Random, low: Sequence[Any], high: Sequence[Any]) -> dict[str, Any]:
    """Draw a lower and an upper bound, or neither; every low one is below every high one."""
    rules: dict[str, Any] = {}
    if random.random() < 0.6:
        rules[random.choice(["ge", "gt"])] = random.choice(low)
    if random.random() < 0.5:
        rules[random.choice(["le", "lt"])] = random.choice(high)
    return rules


def _lengths(random: Random) -> dict[str, Any]:
    rules = {}
    if random.random() < 0.4:
        rules["min_length"] = random.randint(0, 2)
    if random.random() < 0.4:
        rules["max_length"] = random.randint(3, 6)
    return rules


def _just(annotation: object) -> Make:
    return lambda _: annotation


def _ruled(annotation: Any, rules: Callable[[Random], dict[str, Any]]) -> Make:
    def make(random: Random) -> Any:
        drawn = rules(random)
        return Annotated[annotation, Field(**drawn)] if drawn else annotation

    return make


def _integer(random: Random) -> dict[str, Any]:
    rules = _bounds(random, [-10, 0, 1], [10, 12, 1000])
    return rules | ({"multiple_of": random.choice([2, 3, 5])} if random.random() < 0.2 else {})


def _decimal(random: Random) -> dict[str, Any]:
    rules = _bounds(random, [Decimal(-1), Decimal(0), Decimal("0.5")], [Decimal(10), Decimal(99)])
    if random.random() < 0.6:
        rules |= {"max_digits": random.randint(4, 12), "decimal_places": random.randint(0, 3)}
    return rules


def _float(random: Random) -> Any:
    rules = _bounds(random, [-1.5, 0, 0.5], [10, 99.5])
    finite = random.choice([None, AllowInfNan(True), AllowInfNan(False)])
    return Annotated[float, Field(**rules), finite] if finite else Annotated[float, Field(**rules)]


def _text(random: Random) -> Any:
    rules: dict[str, Any] = _lengths(random)
    if random.random() < 0.3:
        pattern = random.choice(["^[A-Z]{1,6}$", r"^\d+$", "^(EUR|USD)$", "a", "^[a-z]*$"])
        return Annotated[str, Field(pattern=pattern)]
    if random.random() < 0.2:
        return Annotated[str, StringConstraints(strip_whitespace=True, **rules)]
    return Annotated[str, Field(**rules)] if rules else str


DAYS = [date(2020, 1, 1), date(2024, 2, 29)], [date(2027, 1, 1), date(2100, 1, 1)]
HOURS = [time(1), time(9, 30)], [time(17, 30), time(23)]
SPANS = [timedelta(0), timedelta(seconds=1)], [timedelta(hours=1), timedelta(days=400)]
NAIVE = [datetime(2020, 1, 1), datetime(2024, 5, 5)], [datetime(2027, 1, 1)]  # noqa: DTZ001
AWARE = [datetime(2020, 1, 1, tzinfo=UTC)], [datetime(2027, 1, 1, tzinfo=UTC)]

# What one cell of a table can hold.
SCALARS: dict[str, Make] = {
    "bool": _just(bool),
    "int": _ruled(int, _integer),
    "float": _float,
    "Decimal": _ruled(Decimal, _decimal),
    "Fraction": _just(Fraction),
    "complex": _just(complex),
    "str": _text,
    "bytes": _ruled(bytes, _lengths),
    "None": _just(None),
    "date": _ruled(date, lambda random: _bounds(random, *DAYS)),
    "datetime": _ruled(datetime, lambda _: {}),
    "AwareDatetime": _ruled(AwareDatetime, lambda random: _bounds(random, *AWARE)),
    "NaiveDatetime": _ruled(NaiveDatetime, lambda random: _bounds(random, *NAIVE)),
    "PastDate": _just(PastDate),
    "FutureDate": _just(FutureDate),
    "PastDatetime": _just(PastDatetime),
    "FutureDatetime": _just(FutureDatetime),
    "time": _ruled(time, lambda random: _bounds(random, *HOURS)),
    "timedelta": _ruled(timedelta, lambda random: _bounds(random, *SPANS)),
    "UUID": _just(UUID),
    "UUID1": _just(UUID1),
    "UUID3": _just(UUID3),
    "UUID4": _just(UUID4),
    "UUID5": _just(UUID5),
    "UUID6": _just(UUID6),
    "UUID7": _just(UUID7),
    "UUID8": _just(UUID8),
    "IPv4Address": _just(IPv4Address),
    "IPv4Interface": _just(IPv4Interface),
    "IPv4Network": _just(IPv4Network),
    "IPv6Address": _just(IPv6Address),
    "IPv6Interface": _just(IPv6Interface),
    "IPv6Network": _just(IPv6Network),
    "IPvAnyAddress": _just(pydantic.IPvAnyAddress),
    "IPvAnyInterface": _just(pydantic.IPvAnyInterface),
    "IPvAnyNetwork": _just(pydantic.IPvAnyNetwork),
    **{
        name: _just(getattr(pydantic, name))
        for name in (
            "AnyUrl",
            "AnyHttpUrl",
            "HttpUrl",
            "FileUrl",
            "FtpUrl",
            "WebsocketUrl",
            "AnyWebsocketUrl",
            "PostgresDsn",
            "CockroachDsn",
            "AmqpDsn",
            "RedisDsn",
            "MongoDsn",
            "KafkaDsn",
            "NatsDsn",
            "MySQLDsn",
            "MariaDBDsn",
            "ClickHouseDsn",
            "SnowflakeDsn",
        )
    },
    "Enum": _just(Colour),
    "IntEnum": _just(Level),
    "Literal": lambda random: Literal[
        tuple(random.sample(["a", "b", "c", 1, 2], random.randint(1, 4)))
    ],
    "Path": _just(Path),
    "ByteSize": _just(ByteSize),
    "SecretStr": _ruled(SecretStr, _lengths),
    "SecretBytes": _just(SecretBytes),
    "Base64Bytes": _just(pydantic.Base64Bytes),
    "Base64Str": _just(pydantic.Base64Str),
    "Base64UrlBytes": _just(pydantic.Base64UrlBytes),
    "Base64UrlStr": _just(pydantic.Base64UrlStr),
    "Json": _just(Json[list[int]]),
    "ZoneInfo": _just(ZoneInfo),
    "Pattern": _just(re.Pattern[str]),
    "int by code": lambda random: Annotated[
        int, AfterValidator(random.choice([is_even, is_small]))
    ],
    "str by code": _just(Annotated[str, AfterValidator(is_short)]),
}


def _inner(random: Random) -> Any:
    """Draw the type of an item: a simple one, which is hashable."""
    name = random.choice(["int", "float", "Decimal", "str", "date", "UUID4", "IPv4Address", "Enum"])
    return SCALARS[name](random)


def _container(form: Callable[[Any], Any]) -> Make:
    def make(random: Random) -> Any:
        return _ruled(form(_inner(random)), _lengths)(random)

    return make


def _mapping(random: Random) -> Any:
    keys = random.choice(
        [str, int, date, Literal["a", "b"], Annotated[str, Field(pattern="^[a-z]+$")], IPv4Address]
    )
    return _ruled(dict[keys, _inner(random)], _lengths)(random)


def _nested(random: Random) -> Any:
    return create_model("Nested", u=(_inner(random), ...), v=(_inner(random), None))


def _union(random: Random) -> Any:
    left, right = _inner(random), _inner(random)
    if left == right:
        return left
    return Annotated[left | right, Field(union_mode=random.choice(["smart", "left_to_right"]))]


# What needs JSON.
NESTED: dict[str, Make] = {
    "list": _container(lambda item: list[item]),
    "set": _container(lambda item: set[item]),
    "frozenset": _container(lambda item: frozenset[item]),
    "deque": _container(lambda item: deque[item]),
    "Sequence": _container(lambda item: Sequence[item]),
    "Iterable": lambda random: Iterable[_inner(random)],
    "tuple": lambda random: tuple[_inner(random), _inner(random)],
    "tuple of any length": _container(lambda item: tuple[item, ...]),
    "NamedTuple": _just(Point),
    "dict": _mapping,
    "Mapping": lambda random: Mapping[str, _inner(random)],
    "defaultdict": lambda random: defaultdict[str, list[_inner(random)]],
    "OrderedDict": lambda random: OrderedDict[str, _inner(random)],
    "Counter": _just(Counter[str]),
    "TypedDict": _just(Size),
    "dataclass": _just(Leg),
    "BaseModel": _nested,
    "RootModel": _just(Celsius),
    "recursive model": _just(Tree),
    "Union": _union,
    "Optional": lambda random: _inner(random) | None,
    "discriminated union": _just(Annotated[Cat | Dog, Field(discriminator="type")]),
    "union of models": _just(Cat | Dog),
    "list of models": lambda random: list[_nested(random)],
    "JsonValue": _just(JsonValue),
    "Any": _just(Any),
}
TYPES: dict[str, Make] = SCALARS | NESTED


@dataclass(frozen=True)
class Draft:
    """A model before it is made: its fields, so that one can be changed.

    Attributes:
        base: The class that the model inherits.
        fields: Name -> name of the type, annotation, default, and alias; `...` for no default.
        config: The configuration of the model.
    """

    base: type[BaseModel]
    fields: dict[str, tuple[str, Any, Any, Any]]
    config: dict[str, Any]

    def build(self) -> type[BaseModel]:
        """Return the model; its name is the same each time."""
        fields: dict[str, Any] = {}
        for name, (_, annotation, default, alias) in self.fields.items():
            keywords = {"validation_alias": alias} if alias else {}
            fields[name] = (annotation, Field(default, **keywords))
        base: Any = self.base
        if self.config:
            base = type("Base", (base,), {"model_config": ConfigDict(**self.config)})  # type: ignore[typeddict-item]
        made: type[BaseModel] = create_model("Generated", __base__=base, **fields)
        return made


def draft(
    random: Random,
    *,
    base: type[BaseModel] = BaseModel,
    types: Mapping[str, Make] = TYPES,
    aliases: bool = True,
) -> Draft:
    """Draw a model of one to four fields.

    Args:
        random: The source of randomness.
        base: The class to inherit, such as `Contract`.
        types: The types to draw from, such as `SCALARS` for models that are rows of a table.
        aliases: Whether some fields are read by another name.
    """
    fields = {}
    for name in "abcd"[: random.randint(1, 4)]:
        fields[name] = _field(random, name, types, aliases=aliases)
    config: dict[str, Any] = {}
    if base is BaseModel and random.random() < 0.5:
        config = random.choice(
            [{"extra": "forbid"}, {"strict": True}, {"frozen": True}, {"allow_inf_nan": False}]
        )
    return Draft(base, fields, config)


def _field(
    random: Random, name: str, types: Mapping[str, Make], *, aliases: bool
) -> tuple[str, Any, Any, Any]:
    type_ = random.choice(sorted(types))
    annotation = types[type_](random)
    default: Any = ...
    choice = random.random()
    if choice < 0.15:
        annotation, default = annotation | None if _joins(annotation) else Any, None
    elif choice < 0.25 and _joins(annotation):
        annotation |= None
    elif choice < 0.35:
        default = ... if type_ == "Iterable" else _valid_default(random, annotation)
    alias: Any = None
    if aliases and random.random() < 0.1:
        alias = random.choice([f"{name}-Alias", AliasChoices(f"{name}1", f"{name}2")])
    return type_, annotation, default, alias


def _valid_default(random: Random, annotation: Any) -> Any:
    """Return a value of a type as a default, or `...` where no value is known."""
    values = valid_values(annotation)
    if not values:
        return ...
    return pydantic.TypeAdapter(annotation).validate_json(json.dumps(random.choice(values)))


def _joins(annotation: Any) -> bool:
    """Return whether `annotation | None` is a type."""
    try:
        return bool(annotation | None)
    except TypeError:
        return False


def change(random: Random, old: Draft, types: Mapping[str, Make] = TYPES) -> Draft:
    """Return a draft that differs in one field: its rules, its type, or whether it is required."""
    name = random.choice(sorted(old.fields))
    type_, annotation, default, alias = old.fields[name]
    what = random.random()
    if what < 0.6:
        new = (type_, types[type_](random), default, alias)
    elif what < 0.8:
        new = _field(random, name, types, aliases=False)
    elif what < 0.9 and _joins(annotation):
        new = (type_, annotation | None, ... if default is None else None, alias)
    else:
        fields = {key: value for key, value in old.fields.items() if key != name}
        added = {f"{name}_more": _field(random, name, types, aliases=False)}
        return Draft(old.base, fields or added, old.config)
    return Draft(old.base, old.fields | {name: new}, old.config)


# JSON values beside every bound that a type above draws, and texts of every format.
PROBES: tuple[Any, ...] = (
    None,
    True,
    *(-11, -10, -3, -1, 0, 1, 2, 3, 5, 6, 9, 10, 11, 12, 15, 99, 100, 999, 1000, 1001, 2**70),
    *(-1.5, -0.5, 0.25, 0.5, 0.75, 0.125, 1.5, 9.99, 12.3456, 99.5, 99.75, 1e300),
    *(
        "-1",
        "0",
        "0.5",
        "0.123",
        "1",
        "1.2345",
        "10",
        "12.34",
        "12345678.9",
        "99",
        "NaN",
        "Infinity",
    ),
    *(
        "",
        "a",
        "b",
        "c",
        "ab",
        "abc",
        "ABC",
        "EUR",
        "abcdef",
        "abcdefg",
        "  a  ",
        "red",
        "blue",
        "no",
    ),
    *("2019-12-31", "2020-01-01", "2024-02-29", "2026-06-01", "2027-01-01", "2100-01-01"),
    *("1999-05-05T05:05:05", "2020-01-01T00:00:00", "2024-05-05T00:00:00", "2026-06-01T12:00:00"),
    *("2020-01-01T00:00:00Z", "2026-06-01T12:00:00Z", "2027-01-01T00:00:00+00:00"),
    *("2101-01-01T00:00:00Z", "2101-01-01T00:00:00", "2101-01-01"),
    *("00:30:00", "01:00:00", "09:30:00", "12:00:00", "17:30:00", "23:30:00", "12:00:00Z"),
    *("PT0S", "PT1S", "-PT1S", "PT1H", "P1D", "P400D", "P401D"),
    "a1b2c3d4-e5f6-11ee-8a6d-0242ac120002",
    "6fa459ea-ee8a-3ca4-894e-db77e160355e",
    "16fd2706-8baf-433b-82eb-8c7fada847da",
    "886313e1-3b8a-5372-9b90-0c9aee199e5d",
    "1ec9414c-232a-6b00-b3c8-9e6bdeced846",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    "320c3d4d-cc00-875b-8ec9-32d5f69181c0",
    *(
        "192.0.2.1",
        "192.0.2.0/24",
        "192.0.2.1/24",
        "2001:db8::1",
        "2001:db8::/32",
        "2001:db8::1/32",
    ),
    *("https://example.com/a", "http://example.com", "ftp://example.com/a", "file:///a", "x:y"),
    *("ws://example.com/", "wss://example.com/", "postgresql://u:p@example.com/db"),
    *(
        "redis://example.com/0",
        "amqp://example.com/",
        "mongodb://example.com/db",
        "cockroachdb://u@example.com/d",
    ),
    *(
        "kafka://example.com:9092",
        "nats://example.com",
        "mysql://u@example.com/d",
        "mariadb://u@example.com/d",
    ),
    *(
        "clickhouse+http://example.com/d",
        "snowflake://u:p@example.com/d",
        "1MB",
        "aGVsbG8=",
        "[1, 2]",
    ),
    *("Europe/London", "UTC", "[a-z", "1+2j", "1/3", "/srv/a"),
    [],
    [1],
    [1, 1],
    [1, 2, 3],
    [0, 5, 10, 11, 12, 13, 14],
    ["a"],
    ["abc", "abcd"],
    [1, "a"],
    ["a", 1],
    [2.5, "12"],
    ["2024-02-29", "2026-06-01"],
    ["red", "blue"],
    {},
    {"a": 1},
    {"a": "x"},
    {"A": 1},
    {"1": 1},
    {"2026-06-01": 1},
    {"192.0.2.1": 5},
    {"a": 1, "b": 2, "c": 3, "d": 4},
    {"a": [1]},
    {"width": 1},
    {"x": 1, "y": 2},
    {"start": "a"},
    {"type": "cat", "lives": 9},
    {"type": "cat", "lives": 10},
    {"type": "dog", "name": "a"},
    {"name": "a", "left": {"name": "b"}},
    {"name": "a", "children": [{"name": "b", "left": None}]},
    {"u": 1},
    {"u": 5, "v": 5},
    {"u": "abc", "v": "abc"},
    {"u": "red", "v": 1},
    {"u": "2026-06-01", "v": "192.0.2.1"},
)


def accepts(model: type[BaseModel], record: Mapping[str, Any]) -> bool:
    """Return whether a model accepts a record of JSON values."""
    try:
        model.model_validate_json(json.dumps(record))
    except Exception:  # noqa: BLE001 - some validators raise others, such as AttributeError
        return False
    return True


def keys(model: type[BaseModel]) -> dict[str, str]:
    """Return the JSON key of each field."""
    found = {}
    for name, field in model.model_fields.items():
        alias = field.validation_alias
        first = alias.choices[0] if isinstance(alias, AliasChoices) else alias
        found[name] = first if isinstance(first, str) else name
    return found


def probes(model: type[BaseModel], valid: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Yield a valid record with each field in turn set to each probe, and left out.

    Args:
        model: The model of the record.
        valid: JSON values that the model accepts, by key.
    """
    yield dict(valid)
    for key in keys(model).values():
        yield {name: value for name, value in valid.items() if name != key}
        for value in PROBES:
            yield {**valid, key: value}


def valid_values(annotation: Any) -> list[Any]:
    """Return the probes that a type accepts in JSON, without its model."""
    adapter = pydantic.TypeAdapter(annotation)
    found = []
    for value in PROBES:
        try:
            adapter.validate_json(json.dumps(value))
        except Exception:  # noqa: BLE001, S112 - see `accepts`
            continue
        found.append(value)
    return found
