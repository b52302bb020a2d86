"""Twenty ways to damage a table. Each yields the place that it damaged, and the damaged table."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

Record = dict[str, Any]
HUGE = 1e12
WRONG = "!? not what it was"


@dataclass(frozen=True)
class Column:
    """A field, and what its schema allows.

    Attributes:
        name: The field's name.
        required: Whether it must have a value.
        schema: Its JSON Schema, without references and null.
    """

    name: str
    required: bool
    schema: dict[str, Any]

    @property
    def flat(self) -> bool:
        """Say whether a cell can hold it."""
        return self.schema.get("type", "object") not in {"object", "array"} or self.chosen

    @property
    def number(self) -> bool:
        """Say whether it is a number."""
        return self.schema.get("type") in {"integer", "number"} and not self.chosen

    @property
    def text(self) -> bool:
        """Say whether it is a text that is not a date or another format, nor chosen from a list."""
        return (
            self.schema.get("type") == "string" and "format" not in self.schema and not self.chosen
        )

    @property
    def moment(self) -> bool:
        """Say whether it is a date with a time."""
        return self.schema.get("format") == "date-time"

    @property
    def chosen(self) -> bool:
        """Say whether it is one of a list."""
        return "enum" in self.schema or "const" in self.schema


@dataclass(frozen=True)
class Table:
    """Records as JSON values.

    Attributes:
        columns: Their fields.
        records: The rows.
        rules: The contract's table rules, as exported.
    """

    columns: list[Column]
    records: list[Record]
    rules: dict[str, Any]

    def header(self) -> list[str]:
        """Return the names of the columns as they are now."""
        return list(self.records[0]) if self.records else [column.name for column in self.columns]

    def rows(self, change: Callable[[Record], Record]) -> "Table":
        """Return a table with every row changed."""
        return replace(self, records=[change(dict(record)) for record in self.records])

    def one(self, name: str, value: object) -> "Table":
        """Return a table with one cell changed, in the middle."""
        records = [dict(record) for record in self.records]
        records[len(records) // 2][name] = value
        return replace(self, records=records)


Damage = Callable[[Table], Iterator[tuple[str, Table | str]]]
DAMAGES: dict[str, Damage] = {}


def _without(name: str, record: Record) -> Record:
    return {each: value for each, value in record.items() if each != name}


def _renamed(name: str, record: Record) -> Record:
    return {f"{each}_2" if each == name else each: value for each, value in record.items()}


def _swapped(one: str, other: str, record: Record) -> Record:
    return record | {one: record[other], other: record[one]}


def _scaled(name: str, record: Record) -> Record:
    return record | {name: None if record[name] is None else record[name] * 1000}


def _zoneless(name: str, record: Record) -> Record:
    return record | {name: str(record[name]).removesuffix("Z").partition("+")[0]}


def damage(kind: str) -> Callable[[Damage], Damage]:
    """Name a kind of damage."""

    def register(function: Damage) -> Damage:
        DAMAGES[kind] = function
        return function

    return register


def cells(kind: str, applies: Callable[[Column], bool], value: object) -> None:
    """Name a kind of damage that puts one wrong value into each column that it applies to."""

    def every(table: Table) -> Iterator[tuple[str, Table | str]]:
        for column in filter(applies, table.columns):
            yield column.name, table.one(column.name, value)

    DAMAGES[kind] = every


@damage("column dropped")
def dropped(table: Table) -> Iterator[tuple[str, Table | str]]:
    """Take a required column away."""
    for column in table.columns:
        if column.required:
            yield column.name, table.rows(partial(_without, column.name))


@damage("column renamed")
def renamed(table: Table) -> Iterator[tuple[str, Table | str]]:
    """Give a column another name."""
    for column in table.columns:
        yield column.name, table.rows(partial(_renamed, column.name))


@damage("column added")
def added(table: Table) -> Iterator[tuple[str, Table | str]]:
    """Add a column."""
    yield "one more", table.rows(lambda record: record | {"one_more": 1})


@damage("columns swapped")
def swapped(table: Table) -> Iterator[tuple[str, Table | str]]:
    """Put the values of two columns in each other's place."""
    for one, other in itertools.combinations(table.columns, 2):
        place = f"{one.name} and {other.name}"
        yield place, table.rows(partial(_swapped, one.name, other.name))


@damage("unit changed")
def scaled(table: Table) -> Iterator[tuple[str, Table | str]]:
    """Give a column's numbers in thousandths of their unit."""
    for column in table.columns:
        if column.number:
            yield column.name, table.rows(partial(_scaled, column.name))


cells("type violated", lambda column: not column.text, WRONG)
cells("below range", lambda column: column.number, int(-HUGE))
cells("above range", lambda column: column.number, int(HUGE))
cells("pattern violated", lambda column: column.text, WRONG)
cells("text too long", lambda column: column.text, "a" * 10_000)
cells("not one of the list", lambda column: column.chosen, "another")
cells("null", lambda column: column.required, None)
cells("not a number", lambda column: column.schema.get("type") == "number", float("nan"))
cells("infinity", lambda column: column.schema.get("type") == "number", float("inf"))


@damage("row duplicated")
def duplicated(table: Table) -> Iterator[tuple[str, Table | str]]:
    """Repeat the last row."""
    yield "last row", replace(table, records=[*table.records, table.records[-1]])


@damage("key duplicated")
def key_duplicated(table: Table) -> Iterator[tuple[str, Table | str]]:
    """Repeat the last row's key, with the other values of the first row."""
    key = table.rules.get("key", ())
    others = [column.name for column in table.columns if column.name not in key]
    if others:
        other = table.records[-1] | {name: table.records[0][name] for name in others}
        ordered = table.rules.get("ordered")
        if ordered:
            other[ordered] = table.records[-1][ordered]
        yield ", ".join(key) or "no key", replace(table, records=[*table.records, other])


@damage("no rows")
def emptied(table: Table) -> Iterator[tuple[str, Table | str]]:
    """Leave nothing."""
    yield "all", replace(table, records=[])


@damage("time out of order")
def disordered(table: Table) -> Iterator[tuple[str, Table | str]]:
    """Turn the rows around."""
    if any(column.moment for column in table.columns):
        yield "all", replace(table, records=table.records[::-1])


@damage("time zone lost")
def zoneless(table: Table) -> Iterator[tuple[str, Table | str]]:
    """Cut the zone off a time."""
    for column in table.columns:
        if column.moment:
            yield column.name, table.rows(partial(_zoneless, column.name))


@damage("file cut off")
def cut(table: Table) -> Iterator[tuple[str, Table | str]]:
    """End in the middle of the last row, after its first value."""
    first = table.columns[0].name
    short = [*table.records[:-1], {first: table.records[-1][first]}]
    yield "last row", replace(table, records=short)
