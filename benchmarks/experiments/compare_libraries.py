"""Time a contract on one CSV file in several libraries, and find what each accepts.

Run it in a project's environment that has the libraries too:
`python benchmarks/experiments/compare_libraries.py PACKAGE ROWS ROUNDS`. It prints JSON: the CPU
seconds of each round by library, the invalid files that each library accepts, and how many there
are. Each library has the contract as far as it can declare it, without code of one's own.
"""

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal, cast

import dataframely
import frictionless
import msgspec
import pandera.polars
import patito
import polars
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from benchmarks.experiments.read_rows import cells, measure, write

SOURCE = r"^[a-z][a-z0-9_.-]*$"
UNITS = ["celsius", "euro", "packets"]
LIMIT = 100_000
HEADER = b"time,source,unit,value\n"
ROW = b"2024-01-01T00:00:00Z,boiler-1,celsius,20.5\n"
LATER = ROW.replace(b"00:00:00", b"00:01:00")
TIME = polars.Datetime("us", "UTC")
COLUMNS: dict[str, Any] = {
    "time": TIME,
    "source": polars.String,
    "unit": polars.Enum(UNITS),
    "value": polars.Float64,
}


def changed(old: bytes, new: bytes) -> bytes:
    """Return a file of which one row has another value."""
    return HEADER + ROW + LATER.replace(old, new)


# What is invalid -> the file.
INVALID = {
    "a time without a zone": changed(b"00Z", b"00"),
    "digits as a time": changed(b"2024-01-01T00:01:00Z", b"1704067260"),
    "a day that does not exist": changed(b"01-01T", b"02-30T"),
    "a source that does not match": changed(b"boiler-1", b"Boiler 1"),
    "a source that is too long": changed(b"boiler-1", b"b" * 65),
    "another unit": changed(b"celsius", b"kelvin"),
    "a value that is not a number": changed(b"20.5", b"nan"),
    "a value with an underscore": changed(b"20.5", b"2_0.5"),
    "a value out of range": changed(b"20.5", b"200000"),
    "an empty value": changed(b"20.5", b""),
    "a cell too many": changed(b"20.5", b"20.5,1"),
    "a cell too few": changed(b",20.5", b""),
    "a byte that is not UTF-8": changed(b"boiler-1", b"boiler-\xe9"),
    "an unclosed quote": changed(b"boiler-1", b'"boiler-1'),
    "a column too many": HEADER.replace(b"\n", b",note\n") + ROW.replace(b"\n", b",x\n"),
    "a column too few": HEADER.replace(b",unit", b"") + ROW.replace(b",celsius", b""),
    "a key twice": HEADER + ROW + ROW,
    "times out of order": HEADER + LATER + ROW,
    "no row": HEADER,
}


class Row(BaseModel):
    """The contract in plain pydantic."""

    model_config = ConfigDict(extra="forbid")

    time: AwareDatetime
    source: str = Field(pattern=SOURCE, max_length=64)
    unit: Literal["celsius", "euro", "packets"]
    value: float = Field(ge=-LIMIT, le=LIMIT)


class Packed(msgspec.Struct, forbid_unknown_fields=True):
    """The contract in msgspec."""

    time: Annotated[datetime, msgspec.Meta(tz=True)]
    source: Annotated[str, msgspec.Meta(pattern=SOURCE, max_length=64)]
    unit: Literal["celsius", "euro", "packets"]
    value: Annotated[float, msgspec.Meta(ge=-LIMIT, le=LIMIT)]


class Patito(patito.Model):
    """The contract in patito."""

    time: datetime = patito.Field(dtype=TIME)
    source: str = patito.Field(pattern=SOURCE, max_length=64)
    unit: Literal["celsius", "euro", "packets"]
    value: float = patito.Field(ge=-LIMIT, le=LIMIT)


class Dataframely(dataframely.Schema):
    """The contract in dataframely."""

    time = dataframely.Datetime(primary_key=True, time_zone="UTC", time_unit="us")
    source = dataframely.String(primary_key=True, regex=SOURCE, max_length=64)
    unit = dataframely.Enum(UNITS)
    value = dataframely.Float64(min=-LIMIT, max=LIMIT, allow_nan=False, allow_inf=False)


PANDERA = pandera.polars.DataFrameSchema(
    {
        "time": pandera.polars.Column(TIME),
        "source": pandera.polars.Column(
            polars.String,
            [pandera.polars.Check.str_matches(SOURCE), pandera.polars.Check.str_length(1, 64)],
        ),
        "unit": pandera.polars.Column(polars.Enum(UNITS)),
        "value": pandera.polars.Column(
            polars.Float64, pandera.polars.Check.in_range(-LIMIT, LIMIT)
        ),
    },
    strict=True,
    unique=["time", "source"],
)
FRICTIONLESS = {
    "fields": [
        {"name": "time", "type": "datetime", "constraints": {"required": True}},
        {
            "name": "source",
            "type": "string",
            "constraints": {"required": True, "pattern": SOURCE, "maxLength": 64},
        },
        {"name": "unit", "type": "string", "constraints": {"required": True, "enum": UNITS}},
        {
            "name": "value",
            "type": "number",
            "constraints": {"required": True, "minimum": -LIMIT, "maximum": LIMIT},
        },
    ],
    "primaryKey": ["time", "source"],
}


def main() -> None:
    """Print the times, and what is accepted."""
    package, rows, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    libraries = {"the edge, without records": edge_of(package)} | LIBRARIES
    with TemporaryDirectory() as directory:
        path = Path(directory, "readings.csv")
        write(path, rows)
        times: dict[str, list[float]] = {name: [] for name in libraries}
        for _ in range(rounds):
            for name, check in libraries.items():
                times[name].append(measure(lambda check=check: check(path)))  # type: ignore[misc]
        accepted = {name: list(accepts(check, path)) for name, check in libraries.items()}
    print(json.dumps({"times": times, "accepted": accepted, "files": len(INVALID)}))


def accepts(check: Callable[[Path], object], path: Path) -> Iterator[str]:
    """Yield what is invalid in each file that a library accepts."""
    for name, content in INVALID.items():
        path.write_bytes(content)
        try:
            check(path)
        except Exception:  # noqa: BLE001, S112 - each library has exceptions of its own
            continue
        yield name


def edge_of(package: str) -> Callable[[Path], object]:
    """Return the edge of a project, with the contract of its example."""
    edge = importlib.import_module(f"{package}.edge")
    contract = importlib.import_module(f"{package}.schemas").Reading
    return lambda path: edge.Load(path, contract).validate()


def by_pydantic(path: Path) -> None:
    """Validate row by row with plain pydantic."""
    validate = TypeAdapter(Row).validate_strings
    for row in cells(path):
        validate(row)


def by_msgspec(path: Path) -> None:
    """Validate row by row with msgspec."""
    for row in cells(path):
        msgspec.convert(row, Packed, strict=False)


def frame(path: Path) -> polars.DataFrame:
    """Read a file with the types of the contract."""
    return polars.read_csv(path, schema=COLUMNS)


def by_frictionless(path: Path) -> None:
    """Validate a file with frictionless.

    Raises:
        ValueError: It is not valid.
    """
    schema = frictionless.Schema.from_descriptor(FRICTIONLESS)
    options = {"basepath": str(path.parent), "schema": schema, "encoding": "utf-8"}
    report = frictionless.Resource(path=path.name, **cast("Any", options)).validate()
    if not report.valid:
        raise ValueError(report.flatten(["message"]))


LIBRARIES: dict[str, Callable[[Path], object]] = {
    "the csv module and pydantic": by_pydantic,
    "the csv module and msgspec": by_msgspec,
    "polars": frame,
    "polars and patito": lambda path: Patito.validate(frame(path)),
    "polars and pandera": lambda path: PANDERA.validate(frame(path)),
    "polars and dataframely": lambda path: Dataframely.validate(frame(path)),
    "frictionless": by_frictionless,
}

if __name__ == "__main__":
    main()
