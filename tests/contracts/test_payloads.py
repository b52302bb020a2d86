"""Contracts of real payloads: market bars, packet features, a nested API, a sensor network.

The samples have the form that the sources publish: klines of an exchange, the columns of flow
meters, events of a forge, readings of a weather network, daily weather of Seattle. The image batch
is a test of the project itself (`tests/test_tables.py`), since it needs NumPy.
"""

from datetime import UTC, datetime, timedelta
from datetime import date as Date  # noqa: N812 (a field has the name)
from decimal import Decimal
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from random import Random
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

import pytest
from pydantic import AwareDatetime, BeforeValidator, Field, HttpUrl, PlainSerializer

from hangar_devkit.contracts import mutation
from hangar_devkit.contracts.examples import table
from hangar_devkit.contracts.project import json_schema

Price = Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=8)]


class Protocol(IntEnum):
    """Protocols of packets, by number."""

    ICMP = 1
    TCP = 6
    UDP = 17


class Payload(NamedTuple):
    """A contract, and the files that it is for.

    Attributes:
        contract: The contract.
        name: The name of the file.
        text: A valid file.
        damage: Text of the file, and what it becomes -> a part of the message.
        rows: Number of rows.
    """

    contract: Any
    name: str
    text: str
    damage: dict[tuple[str, str], str]
    rows: int


BARS = """\
open_time,open,high,low,close,volume
2026-01-05T00:00:00Z,42283.58000000,42317.10000000,42261.02000000,42297.40000000,35.92724000
2026-01-05T00:01:00Z,42297.40000000,42331.00000000,42289.80000000,42320.00000000,21.16779000
2026-01-05T00:02:00Z,42320.00000000,42340.00000000,42320.00000000,42340.00000000,21.60391000
"""
FLOWS = """\
src;sport;dst;dport;proto;bytes;flag
192.0.2.7;49188;198.51.100.4;80;6;1532;true
192.0.2.9;;198.51.100.4;;1;84;false
2001:db8::7;53011;2001:db8::53;53;17;71;true
"""
EVENTS = """\
{"id":"22249084947","created_at":"2026-01-05T08:00:00Z","actor":{"login":"octo","url":"https://example.com/octo"},\
"payload":{"type":"PushEvent","commits":[{"sha":"3a0f86fb","message":"Add a test"}]}}
{"id":"22249084964","created_at":"2026-01-05T08:00:01Z","actor":{"login":"hub","url":"https://example.com/hub"},\
"payload":{"type":"IssuesEvent","action":"opened","labels":{"bug":"red"}}}
"""
SENSORS = """\
station,time,temperature,humidity
a-01,2026-01-05T08:00:00+01:00,3.5,81
b-02,2026-01-05T08:00:00+01:00,-1.25,NA
a-01,2026-01-05T08:10:00+01:00,3.75,80
b-02,2026-01-05T08:10:00+01:00,-1.5,93
"""
WEATHER = """\
date,precipitation,temp_max,temp_min,wind,weather
2012/01/01,0.0,12.8,5.0,4.7,drizzle
2012/01/02,10.9,10.6,2.8,4.5,rain
2012/01/03,0.8,11.7,7.2,2.3,rain
2012/01/04,20.3,12.2,5.6,4.7,rain
2012/01/05,1.3,8.9,2.8,6.1,rain
"""


def market_bars(edge: Any) -> Payload:
    class Bar(edge.Contract):  # type: ignore[misc]
        table: ClassVar = edge.TableRules(
            key=("open_time",),
            ordered="open_time",
            every=timedelta(minutes=1),
            gap=timedelta(minutes=1),
            compare=(("low", "<=", "high"), ("open", "<=", "high"), ("low", "<=", "close")),
        )
        open_time: AwareDatetime
        open: Price
        high: Price
        low: Price
        close: Price
        volume: Annotated[Decimal, Field(ge=0, max_digits=20, decimal_places=8)]

    damage = {
        ("42317.10000000", "42.0"): "must have low <= high",
        ("T00:01:00Z", "T00:01:30Z"): "must be at most 0:01:00",
        ("35.92724000", "35.927240001"): "no more than 8 decimal places",
        ("42283.58000000", "42_283.58"): "without spaces or _",
    }
    return Payload(Bar, "bars.csv", BARS, damage, 3)


def packet_features(edge: Any) -> Payload:
    class Flow(edge.Contract):  # type: ignore[misc]
        dialect: ClassVar = edge.Dialect(delimiter=";")
        src: IPv4Address | IPv6Address
        sport: Annotated[int, Field(ge=0, le=65535)] | None
        dst: IPv4Address | IPv6Address
        dport: Annotated[int, Field(ge=0, le=65535)] | None
        proto: Protocol
        bytes: int = Field(ge=0)
        flag: bool

    damage = {
        ("192.0.2.7", "192.0.2.777"): "src",
        ("49188", "65536"): "sport must be less than or equal to 65535",
        (";6;", ";99;"): "proto must be",
        ("1532", "1e3"): "bytes must be",
        ("true", "yes"): "flag must be true or false",
    }
    return Payload(Flow, "flows.csv", FLOWS, damage, 3)


def nested_api(edge: Any) -> Payload:
    class Actor(edge.Contract):  # type: ignore[misc]
        login: str = Field(pattern=r"^[a-z0-9-]{1,39}$")
        url: HttpUrl

    class Commit(edge.Contract):  # type: ignore[misc]
        sha: str = Field(pattern=r"^[0-9a-f]{8}$")
        message: str = Field(max_length=200)

    class Push(edge.Contract):  # type: ignore[misc]
        type: Literal["PushEvent"]
        commits: list[Commit] = Field(max_length=20)

    class Issues(edge.Contract):  # type: ignore[misc]
        type: Literal["IssuesEvent"]
        action: Literal["opened", "closed"]
        labels: dict[str, str]

    class Event(edge.Contract):  # type: ignore[misc]
        table: ClassVar = edge.TableRules(key=("id",), ordered="created_at")
        id: str = Field(pattern=r"^\d{11}$")
        created_at: AwareDatetime
        actor: Actor
        payload: Annotated[Push | Issues, Field(discriminator="type")]

    damage = {
        ("3a0f86fb", "xyz"): r"payload\.PushEvent\.commits\.0\.sha must match pattern",
        ("IssuesEvent", "ForkEvent"): "payload",
        ('"2026-01-05T08:00:00Z"', '"1767600000"'): "created_at must be an ISO 8601",
        ('"labels":{"bug":"red"}', '"labels":{"bug":"red","bug":"blue"}'): "bug is given twice",
        ("22249084964", "22249084947"): "id must not occur twice",
    }
    return Payload(Event, "events.jsonl", EVENTS, damage, 2)


def sensor_network(edge: Any) -> Payload:
    class Reading(edge.Contract):  # type: ignore[misc]
        dialect: ClassVar = edge.Dialect(nulls=("NA",))
        table: ClassVar = edge.TableRules(
            key=("station", "time"),
            ordered="time",
            per=("station",),
            gap=timedelta(minutes=10),
        )
        station: str = Field(pattern=r"^[a-z]-\d{2}$")
        time: AwareDatetime
        temperature: float = Field(ge=-60, le=60)
        humidity: int | None = Field(ge=0, le=100)

    damage = {
        ("a-01,2026-01-05T08:10", "a-01,2026-01-05T08:20"): "must be at most 0:10:00",
        ("b-02,2026-01-05T08:10", "b-02,2025-01-05T08:10"): "must not be below an earlier row",
        ("3.5,81", "-9999,81"): "temperature must be greater than or equal to -60",
        ("+01:00,3.75", ",3.75"): "time must have timezone info",
    }
    return Payload(Reading, "sensors.csv", SENSORS, damage, 4)


def daily_weather(edge: Any) -> Payload:
    """Return the contract of daily weather, as NOAA published it, whose dates are not ISO 8601."""

    def day(text: Any) -> Any:
        if not isinstance(text, str):
            return text
        return datetime.strptime(text, "%Y/%m/%d").replace(tzinfo=UTC).date()

    form = Annotated[str, Field(pattern=r"^20[0-2]\d/(0[1-9]|1[0-2])/(0[1-9]|1\d|2[0-8])$")]

    class Weather(edge.Contract):  # type: ignore[misc]
        table: ClassVar = edge.TableRules(
            key=("date",), ordered="date", every=timedelta(days=1), gap=timedelta(days=1)
        )
        date: Annotated[
            Date,
            BeforeValidator(day, json_schema_input_type=form),
            PlainSerializer(lambda day: f"{day:%Y/%m/%d}", when_used="json"),
        ]
        precipitation: float = Field(ge=0, le=500)
        temp_max: float = Field(ge=-60, le=60)
        temp_min: float = Field(ge=-60, le=60)
        wind: float = Field(ge=0, le=100)
        weather: Literal["drizzle", "rain", "sun", "snow", "fog"]

    damage = {
        ("2012/01/02", "2012-01-02"): "date is invalid: time data '2012-01-02'",
        ("2012/01/03", "2012/01/13"): "date must not be above the rows after it",
        ("drizzle", "hail"): "weather must be 'drizzle', 'rain'",
        ("12.8", "128"): "temp_max must be less than or equal to 60",
    }
    return Payload(Weather, "weather.csv", WEATHER, damage, 5)


MAKERS = [market_bars, packet_features, nested_api, sensor_network, daily_weather]


@pytest.fixture(params=MAKERS, ids=lambda maker: maker.__name__)
def payload(request: pytest.FixtureRequest, edge: Any) -> Payload:
    """A contract and its files."""
    made: Payload = request.param(edge)
    return made


def test_published_file_is_read(edge: Any, payload: Payload, tmp_path: Path) -> None:
    path = tmp_path / payload.name
    path.write_text(payload.text, encoding="utf-8")
    assert len(list(edge.Load(path, payload.contract))) == payload.rows


def test_damaged_file_is_explained(edge: Any, payload: Payload, tmp_path: Path) -> None:
    path = tmp_path / payload.name
    for (old, new), message in payload.damage.items():
        path.write_text(payload.text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(edge.EdgeError, match=message):
            list(edge.Load(path, payload.contract))


def test_generated_rows_survive_a_file(edge: Any, payload: Payload, tmp_path: Path) -> None:
    rows = table(payload.contract, 10, Random(1))
    with edge.saving(tmp_path / payload.name, payload.contract) as write:
        for row in rows:
            write(row)
    assert list(edge.Load(tmp_path / payload.name, payload.contract)) == rows


def test_contract_has_a_schema(payload: Payload) -> None:
    assert set(json_schema(payload.contract)["properties"]) == set(payload.contract.model_fields)


def test_most_mutation_operators_are_killed(edge: Any, payload: Payload) -> None:
    score = mutation.run(payload.contract, edge)
    assert len(score.killed) > len(score.survived)


def test_time_of_the_sample_is_that_of_the_record(edge: Any, tmp_path: Path) -> None:
    (tmp_path / "bars.csv").write_text(BARS, encoding="utf-8")
    first = next(iter(edge.Load(tmp_path / "bars.csv", market_bars(edge).contract)))
    assert first.open_time == datetime(2026, 1, 5, tzinfo=UTC)
