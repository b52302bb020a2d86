"""The mutation operators: ways to break a table of valid records.

Each yields mutants: where it was applied, and the table that came of it.
"""

import copy
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from hangar_devkit.contracts.schema_reader import Field, TableRules

Record = dict[str, Any]
Steps = tuple[str | int, ...]
HUGE = 10**12
MAX_DEPTH = 4  # of nested values that are mutated
LONG = 10_000  # characters of a text without a limit
MANY = 1000  # items of a list without a limit
WRONG_TEXT = "!? not what it was"
# Formats of strings that pydantic does not check.
UNCHECKED_FORMATS = {"", "binary", "password", "path"}
NUMBERS = {"integer", "number", "decimal"}
# Format -> a value that is earlier or less than what data has, and one that is later or more.
FAR = {
    "date-time": ("0002-01-01T00:00:00", "9998-12-31T00:00:00"),
    "date": ("0002-01-01", "9998-12-31"),
    "duration": ("-P90000D", "P90000D"),
}
NO_FIELD = "no such field"


@dataclass(frozen=True)
class Leaf:
    """A value inside a record: a column, or one that is nested in it.

    Attributes:
        label: Where it is, such as `order.parts[].weight`.
        field: What the schema says about it.
        row: The first record that has it.
        steps: The keys and positions that lead to it there.
        required: Whether it must be present.
    """

    label: str
    field: Field
    row: int
    steps: Steps
    required: bool


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
        found = dict.fromkeys(name for record in self.records for name in record)
        return list(found) or list(self.fields)

    def leaves(self) -> list[Leaf]:
        """Return each column and each nested value that some record has, once.

        One that is neither null nor empty is preferred.
        """
        found: dict[str, Leaf] = {}
        empty: dict[str, Leaf] = {}
        middle = len(self.records) // 2
        for row in [*range(middle, len(self.records)), *range(middle)]:
            for name, value in self.records[row].items():
                if name in self.fields:
                    leaf = Leaf(name, self.fields[name], row, (name,), name in self.required)
                    for each in _walk(leaf, value):
                        is_empty = _at(self.records[row], each.steps) in (None, [], {})
                        (empty if is_empty else found).setdefault(each.label, each)
        return list((empty | found).values())

    def with_rows(self, change: Callable[[Record], Record]) -> "Table":
        """Return a table with every row changed."""
        return replace(self, records=[change(dict(record)) for record in self.records])

    def with_leaf(self, leaf: Leaf, change: Callable[[Any], Any]) -> "Table":
        """Return a table with one value changed; one of a column is changed in every row."""
        if len(leaf.steps) == 1:
            name = leaf.label
            return self.with_rows(
                lambda record: record | {name: change(record[name])} if name in record else record
            )
        return self.with_cell(leaf, change(_at(self.records[leaf.row], leaf.steps)))

    def with_cell(self, leaf: Leaf, value: object) -> "Table":
        """Return a table with one value replaced."""
        records = list(self.records)
        records[leaf.row] = copy.deepcopy(records[leaf.row])
        inner: Any = _at(records[leaf.row], leaf.steps[:-1])
        inner[leaf.steps[-1]] = value
        return replace(self, records=records)

    def without(self, leaf: Leaf) -> "Table":
        """Return a table without one nested value."""
        records = list(self.records)
        records[leaf.row] = copy.deepcopy(records[leaf.row])
        inner: Any = _at(records[leaf.row], leaf.steps[:-1])
        del inner[leaf.steps[-1]]
        return replace(self, records=records)


def _at(value: Any, steps: Steps) -> Any:  # noqa: ANN401 - a JSON value
    for step in steps:
        value = value[step]
    return value


def _walk(leaf: Leaf, value: Any) -> Iterator[Leaf]:  # noqa: ANN401
    """Yield a value and what is nested in it, with the alternative of a union that it has."""
    field = leaf.field
    if field.options and isinstance(value, (dict, list)):
        fitting = [option for option in field.options if _fits(option, value)]
        if not fitting:
            return
        field = fitting[0]
        leaf = replace(leaf, field=field)
    yield leaf
    if len(leaf.steps) <= MAX_DEPTH:
        for label, step, inner, required in _children(field, value):
            steps = (*leaf.steps, step)
            child = Leaf(leaf.label + label, inner, leaf.row, steps, required)
            yield from _walk(child, value[step])


def _children(
    field: Field,
    value: Any,  # noqa: ANN401
) -> Iterator[tuple[str, str | int, Field, bool]]:
    """Yield label, key, schema and whether it is required, of each value inside a value."""
    if isinstance(value, dict):
        for name in value:
            if name in field.fields:
                yield f".{name}", name, field.fields[name], name in field.required
            elif field.other_fields is not None:
                yield "{}", name, field.other_fields, False
    elif isinstance(value, list):
        for position in range(len(value)):
            if position < len(field.first_items):
                yield f"[{position}]", position, field.first_items[position], False
            elif field.items is not None:
                yield "[]", position, field.items, False


def _fits(field: Field, value: Any) -> bool:  # noqa: ANN401
    """Return whether a list or an object seems to be of an alternative."""
    if isinstance(value, list):
        return field.type == "array"
    return field.type == "object" and all(
        name in value and (inner.choices is None or value[name] in inner.choices)
        for name, inner in field.fields.items()
        if name in field.required
    )


Mutants = Iterator[tuple[str, Table]]


@dataclass(frozen=True)
class Operator:
    """A mutation operator.

    Attributes:
        name: What it does, in the passive.
        apply: Yields the mutants of a table.
        whole_table: Whether each record of its mutants is valid, so that only a rule for the whole
            table can refuse them.
        in_json: Whether its mutants are JSON: in a file of cells, every value is text.
        reason: Why a table has no mutant of it.
    """

    name: str
    apply: Callable[[Table], Mutants]
    whole_table: bool = False
    in_json: bool = False
    reason: str = NO_FIELD


OPERATORS: list[Operator] = []


def operator(
    name: str, *, whole_table: bool = False, reason: str = NO_FIELD
) -> Callable[..., Callable[[Table], Mutants]]:
    """Register a mutation operator."""

    def register(function: Callable[[Table], Mutants]) -> Callable[[Table], Mutants]:
        OPERATORS.append(Operator(name, function, whole_table, reason=reason))
        return function

    return register


def cell_operator(
    name: str,
    applies: Callable[[Field], bool],
    value: Callable[[Field], object],
    *,
    in_json: bool = False,
) -> None:
    """Register an operator that replaces each value that it applies to by a wrong one."""

    def apply(table: Table) -> Mutants:
        for leaf in table.leaves():
            if applies(leaf.field):
                yield leaf.label, table.with_cell(leaf, value(leaf.field))

    OPERATORS.append(Operator(name, apply, in_json=in_json))


def fits_cell(field: Field) -> bool:
    """Return whether a value fits into a cell of a CSV file."""
    if field.choices is not None:
        return True
    if field.options:
        return all(map(fits_cell, field.options))
    return field.type not in {"any", "array", "object"}


def is_number(field: Field) -> bool:
    """Return whether a value is a number of a range."""
    if field.options:
        return all(map(is_number, field.options))
    return field.type in NUMBERS and field.choices is None


def has_range(field: Field) -> bool:
    """Return whether a value may have a lower and an upper bound."""
    return is_number(field) or (field.format in FAR and not field.options)


def is_float(field: Field) -> bool:
    """Return whether a value is a number that JSON may write as NaN."""
    if field.options:
        return is_number(field) and any(map(is_float, field.options))
    return field.type == "number" and field.choices is None


def is_free_text(field: Field) -> bool:
    """Return whether a value is a text, not a date or the like, nor one of a list."""
    if field.options:
        return False
    text = field.type == "string" and "contentSchema" not in field.schema
    return text and field.format in UNCHECKED_FORMATS and field.choices is None


def is_date_time(field: Field) -> bool:
    """Return whether a value is a date with a time."""
    return field.format == "date-time"


def is_list(field: Field) -> bool:
    """Return whether a value is a list of any length."""
    return field.type == "array" and not field.first_items and not field.options


def is_object(field: Field) -> bool:
    """Return whether a value is a nested record."""
    return field.type == "object" and bool(field.fields) and not field.options


def allows_text(field: Field) -> bool:
    """Return whether any text of some pattern may be valid."""
    if field.options:
        return any(map(allows_text, field.options))
    return (field.type == "any" and field.choices is None) or is_free_text(field)


def takes_numbers_only(field: Field) -> bool:
    """Return whether a value is a JSON number or a truth value, and no text by itself."""
    if field.options or field.choices is not None:
        return False
    return field.type in {"integer", "number", "boolean"}


def number_as_text(field: Field) -> str:
    """Return a valid number, or truth value, as text."""
    if field.type == "boolean":
        return "true"
    low, high = field.bounds
    step = field.schema.get("multipleOf", 1)
    inside = low if low > -HUGE else high if high < HUGE else 0
    return str(int(-(-inside // step) * step))


@operator("column dropped")
def _drop(table: Table) -> Mutants:
    for leaf in table.leaves():
        if not leaf.required:
            continue
        if len(leaf.steps) == 1:
            yield leaf.label, table.with_rows(partial(_without, leaf.label))
        else:
            yield leaf.label, table.without(leaf)


@operator("column renamed")
def _rename(table: Table) -> Mutants:
    for column in table.fields:
        yield column, table.with_rows(partial(_renamed, column))


@operator("column added")
def _add(table: Table) -> Mutants:
    yield "one more", table.with_rows(lambda record: record | {"one_more": 1})
    for leaf in table.leaves():
        value = _at(table.records[leaf.row], leaf.steps)
        if is_object(leaf.field) and value is not None:
            yield f"{leaf.label}.one more", table.with_cell(leaf, {**value, "one_more": 1})


@operator("columns swapped", reason="no two fields have different rules")
def _swap(table: Table) -> Mutants:
    for one, other in itertools.combinations(table.fields, 2):
        if not _are_alike(table.fields[one], table.fields[other]) or _are_compared(
            table, one, other
        ):
            yield f"{one} and {other}", table.with_rows(partial(_swapped, one, other))


@operator("unit changed")
def _scale(table: Table) -> Mutants:
    for leaf in table.leaves():
        if is_number(leaf.field):
            yield leaf.label, table.with_leaf(leaf, _scaled)


def _too_long(field: Field) -> str:
    """Return a text that is longer than any, or than the limit of the field."""
    limit: int = field.schema.get("maxLength", 0)
    return "a" * max(LONG, limit + 1)


cell_operator("type violated", lambda field: not allows_text(field), lambda _: WRONG_TEXT)
cell_operator("number as text", takes_numbers_only, number_as_text, in_json=True)
cell_operator("below range", has_range, lambda field: _far(field)[0])
cell_operator("above range", has_range, lambda field: _far(field)[1])
cell_operator("pattern violated", is_free_text, lambda _: WRONG_TEXT)
cell_operator("text too long", is_free_text, _too_long)
cell_operator("not one of the list", lambda field: field.choices is not None, lambda _: "another")
cell_operator("list emptied", is_list, lambda _: [])


@operator("list too long")
def _lengthen(table: Table) -> Mutants:
    for leaf in table.leaves():
        value = _at(table.records[leaf.row], leaf.steps)
        if is_list(leaf.field) and value and not leaf.field.schema.get("uniqueItems"):
            yield leaf.label, table.with_cell(leaf, value * MANY)


@operator("null")
def _null(table: Table) -> Mutants:
    for leaf in table.leaves():
        if leaf.required and leaf.field.types.isdisjoint({"any", "null"}):
            yield leaf.label, table.with_cell(leaf, None)


cell_operator("not a number", is_float, lambda _: float("nan"))
cell_operator("infinity", is_float, lambda _: float("inf"))


@operator("row duplicated", whole_table=True)
def _duplicate(table: Table) -> Mutants:
    yield "last row", replace(table, records=[*table.records, table.records[-1]])


@operator("key duplicated", whole_table=True)
def _duplicate_key(table: Table) -> Mutants:
    key, ordered = table.rules.key, table.rules.ordered
    others = [column for column in table.fields if column not in key]
    if others:
        first, last = table.records[0], table.records[-1]
        record = last | {column: first[column] for column in others if column in first}
        if ordered in last:
            record[ordered] = last[ordered]
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
    for leaf in table.leaves():
        naive = leaf.field.rules.get("tz_constraint") == "naive"
        if is_date_time(leaf.field) and not naive:
            yield leaf.label, table.with_leaf(leaf, _zoneless)


@operator("file cut off")
def _cut(table: Table) -> Mutants:
    last = table.records[-1]
    short = dict(itertools.islice(last.items(), 1))
    yield "last row", replace(table, records=[*table.records[:-1], short])


def _without(column: str, record: Record) -> Record:
    return {name: value for name, value in record.items() if name != column}


def _renamed(column: str, record: Record) -> Record:
    return {f"{name}_2" if name == column else name: value for name, value in record.items()}


def _swapped(one: str, other: str, record: Record) -> Record:
    swapped = {one: other, other: one}
    return {swapped.get(name, name): value for name, value in record.items()}


def _scaled(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str):  # a decimal
        return f"{value}000" if "." not in value else str(float(value) * 1000)
    return None if value is None else value * 1000


def _zoneless(value: Any) -> Any:  # noqa: ANN401
    return value.removesuffix("Z").partition("+")[0] if isinstance(value, str) else value


def _far(field: Field) -> tuple[Any, Any]:
    """Return a value below every range of this type, and one above."""
    if field.format in FAR:
        zone = "" if field.rules.get("tz_constraint") == "naive" else "Z"
        suffix = zone if field.format == "date-time" else ""
        return tuple(f"{value}{suffix}" for value in FAR[field.format])  # type: ignore[return-value]
    rules = [option.schema for option in field.options or (field,)]
    limits = [
        abs(float(value))
        for schema in rules
        for key, value in {**schema, **schema.get("x-rules", {})}.items()
        if key in {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "ge", "le"}
    ]
    far = int(max([HUGE, *(2 * limit + 1 for limit in limits)]))
    return -far, far


def _are_alike(one: Field, other: Field) -> bool:
    """Return whether two columns have the same rules, so that only their order tells them apart."""
    words = {"title", "description", "default"}
    texts = [
        json.dumps({key: each.own[key] for key in sorted(each.own) if key not in words})
        for each in (one, other)
    ]
    return texts[0] == texts[1]


def _are_compared(table: Table, one: str, other: str) -> bool:
    return any({left, right} == {one, other} for left, _, right in table.rules.compare)
