"""The mutation operators: ways to break a table of valid records.

Each yields mutants: where it was applied, and the table that came of it.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from hangar_devkit.contracts.schema import Field, TableRules

Record = dict[str, Any]
HUGE = 10**12
WRONG_TEXT = "!? not what it was"
# Formats of strings that pydantic does not check.
UNCHECKED_FORMATS = {"", "binary", "password", "path"}


@dataclass(frozen=True)
class Table:
    """Records as JSON values.

    Attributes:
        fields: What the schema says about each column.
        required: The columns that each record must have.
        records: The rows.
        rules: The contract's rules for the whole table.
    """

    fields: dict[str, Field]
    required: frozenset[str]
    records: list[Record]
    rules: TableRules

    def header(self) -> list[str]:
        """Return the names of the columns of the rows."""
        return list(self.records[0]) if self.records else list(self.fields)

    def with_rows(self, change: Callable[[Record], Record]) -> "Table":
        """Return a table with every row changed."""
        return replace(self, records=[change(dict(record)) for record in self.records])

    def with_cell(self, name: str, value: object) -> "Table":
        """Return a table with one cell changed, in the middle."""
        records = [dict(record) for record in self.records]
        records[len(records) // 2][name] = value
        return replace(self, records=records)


Mutants = Iterator[tuple[str, Table]]


@dataclass(frozen=True)
class Operator:
    """A mutation operator.

    Attributes:
        name: What it does, in the passive.
        apply: Yields the mutants of a table.
        whole_table: Whether each record of its mutants is valid, so that only a rule for the whole
            table can refuse them.
    """

    name: str
    apply: Callable[[Table], Mutants]
    whole_table: bool = False


OPERATORS: list[Operator] = []


def operator(name: str, *, whole_table: bool = False) -> Callable[..., Callable[[Table], Mutants]]:
    """Register a mutation operator."""

    def register(function: Callable[[Table], Mutants]) -> Callable[[Table], Mutants]:
        OPERATORS.append(Operator(name, function, whole_table))
        return function

    return register


def cell_operator(name: str, applies: Callable[[Field], bool], value: object) -> None:
    """Register an operator that puts a wrong value into each column that it applies to."""

    def apply(table: Table) -> Mutants:
        for column, field in table.fields.items():
            if applies(field):
                yield column, table.with_cell(column, value)

    OPERATORS.append(Operator(name, apply))


def fits_cell(field: Field) -> bool:
    """Return whether a value fits into a cell of a CSV file."""
    if field.choices is not None:
        return True
    if field.options:
        return all(map(fits_cell, field.options))
    return field.type not in {"any", "array", "object"}


def is_number(field: Field) -> bool:
    """Return whether a value is a number of a range."""
    return field.type in {"integer", "number"} and field.choices is None


def is_free_text(field: Field) -> bool:
    """Return whether a value is a text, not a date or the like, nor one of a list."""
    return field.type == "string" and field.format in UNCHECKED_FORMATS and field.choices is None


def is_date_time(field: Field) -> bool:
    """Return whether a value is a date with a time."""
    return field.format == "date-time"


def allows_text(field: Field) -> bool:
    """Return whether any text of some pattern may be valid."""
    if field.options:
        return any(map(allows_text, field.options))
    return (field.type == "any" and field.choices is None) or is_free_text(field)


@operator("column dropped")
def _drop(table: Table) -> Mutants:
    for column in table.fields:
        if column in table.required:
            yield column, table.with_rows(partial(_without, column))


@operator("column renamed")
def _rename(table: Table) -> Mutants:
    for column in table.fields:
        yield column, table.with_rows(partial(_renamed, column))


@operator("column added")
def _add(table: Table) -> Mutants:
    yield "one more", table.with_rows(lambda record: record | {"one_more": 1})


@operator("columns swapped")
def _swap(table: Table) -> Mutants:
    for one, other in itertools.combinations(table.fields, 2):
        yield f"{one} and {other}", table.with_rows(partial(_swapped, one, other))


@operator("unit changed")
def _scale(table: Table) -> Mutants:
    for column, field in table.fields.items():
        if is_number(field):
            yield column, table.with_rows(partial(_scaled, column))


cell_operator("type violated", lambda field: not allows_text(field), WRONG_TEXT)
cell_operator("below range", is_number, -HUGE)
cell_operator("above range", is_number, HUGE)
cell_operator("pattern violated", is_free_text, WRONG_TEXT)
cell_operator("text too long", is_free_text, "a" * 10_000)
cell_operator("not one of the list", lambda field: field.choices is not None, "another")


@operator("null")
def _null(table: Table) -> Mutants:
    for column, field in table.fields.items():
        if column in table.required and field.types.isdisjoint({"any", "null"}):
            yield column, table.with_cell(column, None)


cell_operator("not a number", lambda field: field.type == "number", float("nan"))
cell_operator("infinity", lambda field: field.type == "number", float("inf"))


@operator("row duplicated", whole_table=True)
def _duplicate(table: Table) -> Mutants:
    yield "last row", replace(table, records=[*table.records, table.records[-1]])


@operator("key duplicated", whole_table=True)
def _duplicate_key(table: Table) -> Mutants:
    key, ordered = table.rules.key, table.rules.ordered
    others = [column for column in table.fields if column not in key]
    if others:
        record = table.records[-1] | {column: table.records[0][column] for column in others}
        if ordered:
            record[ordered] = table.records[-1][ordered]
        yield ", ".join(key) or "no key", replace(table, records=[*table.records, record])


@operator("no rows", whole_table=True)
def _empty(table: Table) -> Mutants:
    yield "all", replace(table, records=[])


@operator("time out of order", whole_table=True)
def _reverse(table: Table) -> Mutants:
    if any(map(is_date_time, table.fields.values())):
        yield "all", replace(table, records=table.records[::-1])


@operator("time zone lost")
def _remove_zone(table: Table) -> Mutants:
    for column, field in table.fields.items():
        if is_date_time(field):
            yield column, table.with_rows(partial(_zoneless, column))


@operator("file cut off")
def _cut(table: Table) -> Mutants:
    first = next(iter(table.fields))
    short = {first: table.records[-1][first]}
    yield "last row", replace(table, records=[*table.records[:-1], short])


def _without(column: str, record: Record) -> Record:
    return {name: value for name, value in record.items() if name != column}


def _renamed(column: str, record: Record) -> Record:
    return {f"{name}_2" if name == column else name: value for name, value in record.items()}


def _swapped(one: str, other: str, record: Record) -> Record:
    return record | {one: record[other], other: record[one]}


def _scaled(column: str, record: Record) -> Record:
    return record | {column: None if record[column] is None else record[column] * 1000}


def _zoneless(column: str, record: Record) -> Record:
    text = record[column]
    return record if text is None else record | {column: text.removesuffix("Z").partition("+")[0]}
