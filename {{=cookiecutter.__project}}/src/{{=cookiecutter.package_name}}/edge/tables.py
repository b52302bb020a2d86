"""Contracts for whole tables: validate a Polars frame with the model of its rows.

Checks of plain fields run column by column. If a field or validator has no exact form as a column
expression, the model itself validates every row, so that table and record always agree.
"""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import polars as pl
from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import AllowInfNan, AwareDatetime
from pydantic.fields import FieldInfo

from .contract import COMPARISONS, Contract, column_of, columns_of
from .errors import EdgeError, Problem, explain, sentences, shorten
from .frames import converters, validated
from .rules import TOLERANCE, TableRuleChecker

Schema = dict[str, Any]
DTYPES: dict[str, tuple[Callable[[pl.DataType], bool], str]] = {
    "integer": (lambda dtype: dtype.is_integer(), "integer"),
    "number": (lambda dtype: dtype.is_integer() or dtype.is_float(), "number"),
    "boolean": (lambda dtype: dtype == pl.Boolean, "boolean"),
    "string": (lambda dtype: dtype in (pl.String, pl.Categorical, pl.Enum), "text"),
    "date-time": (lambda dtype: dtype == pl.Datetime, "date and time"),
    "date": (lambda dtype: dtype == pl.Date, "date"),
    "time": (lambda dtype: dtype == pl.Time, "time"),
    "duration": (lambda dtype: dtype == pl.Duration, "duration"),
}
BOUNDS: dict[str, tuple[Callable[[pl.Expr, Any], pl.Expr], str]] = {
    "minimum": (operator.ge, "must be at least {}"),
    "maximum": (operator.le, "must be at most {}"),
    "exclusiveMinimum": (operator.gt, "must be more than {}"),
    "exclusiveMaximum": (operator.lt, "must be less than {}"),
    "minLength": (lambda column, n: column.str.len_chars() >= n, "must have {} characters or more"),
    "maxLength": (lambda column, n: column.str.len_chars() <= n, "must have {} characters or less"),
    "pattern": (lambda column, pattern: column.str.contains(pattern), "must match {}"),
    "enum": (lambda column, values: column.is_in(values), "must be one of {}"),
    "const": (operator.eq, "must be {}"),
}
BOUND_TYPES = {int: (Ge, Gt, Le, Lt), float: (Ge, Gt, Le, Lt), str: (MinLen, MaxLen)}
EXACT_TYPES = {int, float, str, bool, date, datetime, AwareDatetime, time, timedelta}


@dataclass(frozen=True)
class Check:
    """One rule as an expression.

    Attributes:
        column: The column, or columns, that it checks.
        rule: Short name of the rule.
        reason: End of a sentence that begins with the column.
        is_valid: True where a row satisfies the rule; null counts as valid.
    """

    column: str
    rule: str
    reason: str
    is_valid: pl.Expr


def check_table(frame: pl.DataFrame, contract: type[Contract]) -> pl.DataFrame:
    """Validate a whole table.

    Args:
        frame: The table, with one row per record.
        contract: Contract of each row and of the table.

    Returns:
        The same frame.

    Raises:
        EdgeError: The table violates the contract; the message names every rule, the number of
            violations, and the first row (from 0) with its value.
    """
    plain = _plain(frame)
    problems = [*_column_problems(plain, contract)]
    if not problems:
        problems = [*_value_problems(plain, contract), *_table_problems(plain, contract)]
    if problems:
        raise EdgeError(f"{contract.__name__} table: {sentences(problems)}")
    return frame


def split_table(frame: pl.DataFrame, contract: type[Contract]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split a table into valid and invalid rows, which are the same as those of `Load`.

    Args:
        frame: The table.
        contract: Contract of each row.

    Returns:
        The valid rows, unchanged, and the invalid rows with two more columns: `row` (from 0) and
        `reasons`; a name that the table has gets a leading underscore. Every row is in one of the
        two.

    Raises:
        EdgeError: Columns are missing, unknown or of a wrong type, so that rows cannot be checked.
    """
    plain = _plain(frame)
    if problems := [*_column_problems(plain, contract)]:
        raise EdgeError(f"{contract.__name__} table: {sentences(problems)}")
    reasons: dict[int, list[str]] = {}
    for check in _present(plain, contract):
        for row in plain.select((~_holds(check)).arg_true()).to_series():
            reasons.setdefault(row, []).append(f"{check.column} {check.reason}")
    if not is_exact(contract):
        for row, found in _row_problems(plain, contract):
            reasons.setdefault(row, [f"{each.column} {each.reason}" for each in found])
    for row, problem in _broken_rules(plain, contract, reasons):
        reasons[row] = [f"{problem.column} {problem.reason}"]
    rows = pl.Series(sorted(reasons), dtype=pl.UInt32)
    names = [f"_{name}" if name in frame.columns else name for name in ("row", "reasons")]
    invalid = frame[rows].with_columns(
        rows.cast(pl.Int64).alias(names[0]),
        pl.Series(names[1], [reasons[row] for row in rows], dtype=pl.List(pl.String)),
    )
    return frame.filter(~pl.int_range(pl.len()).is_in(rows.implode())), invalid


@cache
def exact_fields(contract: type[Contract]) -> frozenset[str]:
    """Return the fields of which column expressions say all that the model says."""
    decorators, own = contract.__pydantic_decorators__, contract.__get_pydantic_core_schema__
    if (
        contract.model_config != Contract.model_config
        or (decorators.field_validators or decorators.model_validators)
        or (decorators.validators or decorators.root_validators)
        or own.__func__ is not Contract.__get_pydantic_core_schema__.__func__  # type: ignore[attr-defined]
    ):
        return frozenset()
    fields = contract.model_fields.items()
    return frozenset(name for name, field in fields if _is_exact_field(field))


def is_exact(contract: type[Contract]) -> bool:
    """Return whether no row has to be validated by the model."""
    return len(exact_fields(contract)) == len(contract.model_fields)


def _is_exact_field(field: FieldInfo) -> bool:
    if not isinstance(field.validation_alias, str | None):
        return False
    options = get_args(field.annotation)
    is_literal = get_origin(field.annotation) is Literal
    rest = [] if is_literal else [each for each in options if each is not NoneType]
    # `int | None` has bounds of its own inside `Annotated`, which is not one of the exact types.
    annotation: Any = rest[0] if len(rest) == 1 and NoneType in options else field.annotation
    if get_origin(annotation) is Literal:
        return all(type(value) is str for value in get_args(annotation)) and not field.metadata
    bounds = BOUND_TYPES.get(annotation, ())
    return annotation in EXACT_TYPES and all(
        isinstance(each, bounds)
        or (annotation is str and set(getattr(each, "__dict__", {})) == {"pattern"})
        or (annotation is float and each == AllowInfNan(allow_inf_nan=False))
        for each in field.metadata
    )


@cache
def checks(contract: type[Contract]) -> tuple[Check, ...]:
    """Derive the checks of single rows from the fields that have an exact form as a column."""
    schema, names = contract.model_json_schema(), columns_of(contract)
    derived = [
        check
        for name, field in names.items()
        if field in exact_fields(contract)
        for check in _column_checks(name, *_resolved(schema["properties"][name], schema))
    ]
    column = {field: name for name, field in names.items()}
    for left, sign, right in contract.table.compare if is_exact(contract) else ():
        one, other = column[left], column[right]
        is_valid = COMPARISONS[sign](pl.col(one), pl.col(other))
        derived.append(
            Check(f"{one}, {other}", "compare", f"must be {left} {sign} {right}", is_valid)
        )
    return tuple(derived)


def _resolved(schema: Schema, root: Schema) -> tuple[Schema, bool]:
    """Return the schema of a field without references, and whether it may be null."""
    if "$ref" in schema:
        return _resolved(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    options = schema.get("anyOf", [])
    rest = [each for each in options if each.get("type") != "null"]
    if len(rest) == 1:
        return _resolved(rest[0], root)[0], len(options) > 1
    return schema, False


def _column_checks(name: str, schema: Schema, nullable: bool) -> Iterator[Check]:
    column = pl.col(name)
    if not nullable:
        yield Check(name, "missing", "must not be null", column.is_not_null())
    if schema.get("type") == "number":
        column = column.cast(pl.Float64)  # as the record has it, also of other widths
        yield Check(name, "finite_number", "must be a finite number", column.is_finite())
    for keyword, (compare, reason) in BOUNDS.items():
        if keyword in schema:
            limit = schema[keyword]
            yield Check(name, keyword, reason.format(limit), compare(column, limit))


def _column_type(schema: Schema) -> str:
    formatted = schema.get("format")
    return str(formatted if formatted in DTYPES else schema.get("type", "object"))


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame whose categories are text."""
    categories = [name for name in frame.columns if frame.schema[name] in (pl.Categorical, pl.Enum)]
    return frame.with_columns(pl.col(categories).cast(pl.String)) if categories else frame


def _column_problems(frame: pl.DataFrame, contract: type[Contract]) -> Iterator[Problem]:
    """Yield columns that are missing, unknown or of a wrong type."""
    schema, names = contract.model_json_schema(), columns_of(contract)
    present = {names[name] for name in frame.columns if name in names}
    for field, info in contract.model_fields.items():
        if info.is_required() and field not in present:
            yield Problem(column_of(names, field), "", "missing", "is missing")
    for name, dtype in frame.schema.items():
        if name not in names:
            if contract.model_config.get("extra") == "forbid":
                yield Problem(name, "", "extra_forbidden", "is not in the contract")
            continue
        if dtype == pl.Null or names[name] not in exact_fields(contract):
            continue
        has_type, words = DTYPES[_column_type(_resolved(schema["properties"][name], schema)[0])]
        if not has_type(dtype):
            yield Problem(name, str(dtype), "type", f"must be {words}")
            continue
        annotation = contract.model_fields[names[name]].annotation
        if _requires_zone(annotation) and not dtype.time_zone:  # type: ignore[attr-defined]
            yield Problem(name, str(dtype), "timezone_aware", "must have a time zone")


def _requires_zone(annotation: object) -> bool:
    return annotation is AwareDatetime or any(map(_requires_zone, get_args(annotation)))


def _value_problems(frame: pl.DataFrame, contract: type[Contract]) -> Iterator[Problem]:
    """Check all rows at once; search for invalid rows only where a check fails."""
    present = _present(frame, contract)
    few = [name for name in frame.columns if _has_few_values(frame, name)]
    samples = {"": frame} | {name: frame.select(pl.col(name).unique()) for name in few}
    for name, rows in samples.items():
        own = [check for check in present if (check.column if check.column in few else "") == name]
        results = rows.select(check.is_valid.all().alias(str(i)) for i, check in enumerate(own))
        for check, is_valid in zip(own, results.row(0) if own else (), strict=True):
            if not is_valid:
                yield _first_violation(frame, check)
    if not is_exact(contract):
        yield from _summaries(frame, contract)


def _present(frame: pl.DataFrame, contract: type[Contract]) -> list[Check]:
    """Return the checks whose columns the frame has; of a column of nulls only that for nulls."""
    columns = set(frame.columns)
    empty = {name for name in columns if frame.schema[name] == pl.Null}
    return [
        check
        for check in checks(contract)
        if (used := set(check.column.split(", "))) <= columns
        and (check.rule == "missing" or not used & empty)
    ]


def _summaries(frame: pl.DataFrame, contract: type[Contract]) -> Iterator[Problem]:
    """Yield one problem for each rule that the model finds violated, with its first row."""
    first: dict[tuple[str, str], tuple[Problem, int]] = {}
    count: dict[tuple[str, str], int] = {}
    for row, found in _row_problems(frame, contract):
        for problem in found:
            rule = (problem.column, problem.rule)
            first.setdefault(rule, (problem, row))
            count[rule] = count.get(rule, 0) + 1
    for rule, (problem, row) in first.items():
        place = f"({count[rule]} of {frame.height} rows, first in row {row})"
        yield problem._replace(reason=f"{problem.reason} {place}")


def _row_problems(
    frame: pl.DataFrame, contract: type[Contract]
) -> Iterator[tuple[int, tuple[Problem, ...]]]:
    """Validate each row with the model; a cell of text may hold what JSON writes as text."""
    columns = columns_of(contract)
    adapters = {
        name: adapter
        for name, adapter in converters(contract).items()
        if columns[name] not in exact_fields(contract)
    }
    for row, values in enumerate(frame.iter_rows(named=True)):
        try:
            validated(values, contract, adapters)
        except Exception as error:  # noqa: BLE001 (validators may raise anything)
            yield row, explain(error)


def _broken_rules(
    frame: pl.DataFrame, contract: type[Contract], invalid: dict[int, list[str]]
) -> Iterator[tuple[int, Problem]]:
    """Yield the rows that violate a table rule; invalid rows do not count for later ones."""
    if not (contract.table.key or contract.table.ordered):
        return
    valid = frame.filter(~pl.int_range(pl.len()).is_in(list(invalid)))
    if not any(_is_violated(valid, check) for check in _row_rules(valid, contract)):
        return
    checker, names = TableRuleChecker(contract.table), columns_of(contract)
    values = {
        field: field_info.get_default() for field, field_info in contract.model_fields.items()
    }
    used = [name for name, field in names.items() if field in contract.table.columns()]
    rows = frame.select(name for name in used if name in frame.columns).iter_rows(named=True)
    decided = [
        each
        for row, cells in enumerate(rows)
        if row not in invalid
        for each in checker.check(row, values | {names[name]: cell for name, cell in cells.items()})
    ]
    for row, problems in [*decided, *checker.rest()]:
        yield from ((row, problem) for problem in problems)


def _holds(check: Check) -> pl.Expr:
    return check.is_valid.fill_null(value=True)


def _has_few_values(frame: pl.DataFrame, name: str) -> bool:
    """Return whether a text column seems to have few values, so that each is checked once."""
    is_text = frame.height > 100 and frame.schema[name] == pl.String
    return is_text and frame[name].head(1000).n_unique() < 100


def _table_problems(frame: pl.DataFrame, contract: type[Contract]) -> Iterator[Problem]:
    """Yield violations of the rules about the whole table."""
    rules, count = contract.table, frame.height
    if count < rules.least:
        yield Problem("", str(count), "least", f"must be one of at least {rules.least}")
    if rules.most is not None and count > rules.most:
        yield Problem("", str(count), "most", f"must be one of at most {rules.most}")
    yield from (
        _first_violation(frame, check)
        for check in _row_rules(frame, contract)
        if _is_violated(frame, check)
    )


def _is_violated(frame: pl.DataFrame, check: Check) -> bool:
    if check.rule == "key":
        return _has_duplicates(frame, check.column.split(", "))
    if check.rule == "ordered" and "," not in check.column:
        return not frame[check.column].drop_nulls().is_sorted()
    return not frame.select(_holds(check).all()).item()


def _has_duplicates(frame: pl.DataFrame, names: list[str]) -> bool:
    """Return whether a key occurs twice; compare hashes first, which is faster."""
    key = pl.struct(names)
    different: int = frame.select(key.hash().n_unique()).item()
    return different < frame.height and not frame.select(key.is_first_distinct().all()).item()


def _row_rules(frame: pl.DataFrame, contract: type[Contract]) -> Iterator[Check]:
    """Yield the table rules as checks of single rows: order, steps, gaps and key.

    A column that is absent has its default in each row: it changes neither order nor uniqueness.
    """
    rules, names = contract.table, columns_of(contract)
    column = {field: name for name, field in names.items() if name in frame.columns}
    if rules.ordered in column:
        name, per = column[rules.ordered], [column[each] for each in rules.per if each in column]
        value = pl.col(name)
        highest, before = (
            (each.over(per) if per else each)
            for each in (value.cum_max(), value.cum_max().forward_fill().shift())
        )
        reason = "must not be below an earlier row"
        label = ", ".join([name, *per])
        yield Check(label, "ordered", reason, value >= highest)
        distance = value - before
        if rules.gap:
            reason = f"must be at most {rules.gap} after the row before it"
            yield Check(label, "gap", reason, distance <= rules.gap)
        if rules.every:
            reason = f"must be a multiple of {rules.every} after the row before it"
            yield Check(label, "every", reason, _is_multiple(distance, rules.every))
    if key := [column[name] for name in rules.key if name in column]:
        first = pl.struct(key).is_first_distinct()
        yield Check(", ".join(key), "key", "must not occur twice", first)


def _is_multiple(distance: pl.Expr, step: Any) -> pl.Expr:
    if isinstance(step, timedelta):
        return distance.dt.total_microseconds() % (step // timedelta(microseconds=1)) == 0
    return ((distance / step) - (distance / step).round()).abs() < TOLERANCE


def _first_violation(frame: pl.DataFrame, check: Check) -> Problem:
    names = check.column.split(", ")
    bad = frame.select((~_holds(check)).arg_true()).to_series()
    values = frame.select(names).row(bad[0])
    value = shorten(values[0] if len(values) == 1 else tuple(values))
    reason = f"{check.reason} ({len(bad)} of {frame.height} rows, first in row {bad[0]})"
    return Problem(check.column, value, check.rule, reason)
