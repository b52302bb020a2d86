"""Contracts for whole tables: validate a Polars frame column by column, with the same model.

Every check is derived from the fields and table rules of the model. There is no second
declaration, and no Python code runs per row.
"""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

import polars as pl
from pydantic import AwareDatetime

from .contract import COMPARISONS, Contract
from .errors import EdgeError, Problem, sentences, shorten

Schema = dict[str, Any]
DTYPES: dict[str, tuple[Callable[[pl.DataType], bool], str]] = {
    "integer": (lambda dtype: dtype.is_integer(), "integer"),
    "number": (lambda dtype: dtype.is_numeric(), "number"),
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
    "multipleOf": (lambda column, step: column % step == 0, "must be a multiple of {}"),
    "minLength": (lambda column, n: column.str.len_chars() >= n, "must have {} characters or more"),
    "maxLength": (lambda column, n: column.str.len_chars() <= n, "must have {} characters or less"),
    "pattern": (lambda column, pattern: column.str.contains(pattern), "must match {}"),
    "enum": (lambda column, values: column.is_in(values), "must be one of {}"),
    "const": (operator.eq, "must be {}"),
}


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
    problems = [*_column_problems(frame, contract)]
    if not problems:
        problems = [*_value_problems(frame, contract), *_table_problems(frame, contract)]
    if problems:
        raise EdgeError(f"{contract.__name__} table: {sentences(problems)}")
    return frame


def split_table(frame: pl.DataFrame, contract: type[Contract]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split a table into valid and invalid rows.

    Args:
        frame: The table.
        contract: Contract of each row.

    Returns:
        The valid rows, unchanged, and the invalid rows with two more columns: `row` (from 0) and
        `reasons`. Every row is in one of the two.

    Raises:
        EdgeError: Columns are missing, unknown or of a wrong type, so that rows cannot be checked.
    """
    if problems := [*_column_problems(frame, contract)]:
        raise EdgeError(f"{contract.__name__} table: {sentences(problems)}")
    every = [*checks(contract), *_row_rules(contract)]
    violated = [~check.is_valid.fill_null(value=True) for check in every]
    reasons = [
        pl.when(bad).then(pl.lit(f"{check.column} {check.reason}"))
        for check, bad in zip(every, violated, strict=True)
    ]
    annotated = frame.with_columns(
        pl.int_range(pl.len()).alias("row"),
        pl.concat_list(reasons).list.drop_nulls().alias("reasons"),
    )
    is_valid = pl.col("reasons").list.len() == 0
    return annotated.filter(is_valid).drop("row", "reasons"), annotated.filter(~is_valid)


@cache
def checks(contract: type[Contract]) -> tuple[Check, ...]:
    """Derive the checks of single rows from the fields of a contract.

    Raises:
        TypeError: A field, such as a nested model, cannot be checked as a column.
    """
    schema = contract.model_json_schema()
    derived = [
        check
        for name, field in schema["properties"].items()
        for check in _column_checks(
            name, *_resolved(field, schema), _may_be_infinite(contract, name)
        )
    ]
    for left, sign, right in contract.table.compare:
        is_valid = COMPARISONS[sign](pl.col(left), pl.col(right))
        reason = f"must be {left} {sign} {right}"
        derived.append(Check(f"{left}, {right}", "compare", reason, is_valid))
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


def _column_checks(name: str, schema: Schema, nullable: bool, infinite: bool) -> Iterator[Check]:
    if _column_type(schema) not in DTYPES:
        raise TypeError(f"{name} cannot be checked as a column: {schema}")
    column = pl.col(name)
    if not nullable:
        yield Check(name, "missing", "must not be null", column.is_not_null())
    if schema.get("type") == "number" and not infinite:
        yield Check(name, "finite_number", "must be a finite number", column.is_finite())
    if "enum" in schema:
        column = column.cast(pl.String) if schema.get("type") == "string" else column
    for keyword, (compare, reason) in BOUNDS.items():
        if keyword in schema:
            limit = schema[keyword]
            yield Check(name, keyword, reason.format(limit), compare(column, limit))


def _column_type(schema: Schema) -> str:
    formatted = schema.get("format")
    return str(formatted if formatted in DTYPES else schema.get("type", "object"))


def _may_be_infinite(contract: type[Contract], name: str) -> bool:
    metadata = contract.model_fields[name].metadata
    options = [getattr(item, "allow_inf_nan", None) for item in metadata]
    options.append(contract.model_config.get("allow_inf_nan"))
    return bool(next((each for each in options if each is not None), True))


def _column_problems(frame: pl.DataFrame, contract: type[Contract]) -> Iterator[Problem]:
    """Yield columns that are missing, unknown or of a wrong type."""
    schema = contract.model_json_schema()
    for name in schema["properties"].keys() - set(frame.columns):
        if name in schema.get("required", []):
            yield Problem(name, "", "missing", "is missing")
    for name, dtype in frame.schema.items():
        if name not in schema["properties"]:
            yield Problem(name, "", "extra_forbidden", "is not in the contract")
            continue
        has_type, words = DTYPES[_column_type(_resolved(schema["properties"][name], schema)[0])]
        if not has_type(dtype):
            yield Problem(name, str(dtype), "type", f"must be {words}")
        elif _requires_zone(contract.model_fields[name].annotation) and not dtype.time_zone:  # type: ignore[attr-defined]
            yield Problem(name, str(dtype), "timezone_aware", "must have a time zone")


def _requires_zone(annotation: object) -> bool:
    return annotation is AwareDatetime or any(map(_requires_zone, get_args(annotation)))


def _value_problems(frame: pl.DataFrame, contract: type[Contract]) -> Iterator[Problem]:
    """Check all rows at once; search for invalid rows only where a check fails."""
    present = [check for check in checks(contract) if check.column.split(", ")[0] in frame.columns]
    few = [name for name in frame.columns if _has_few_values(frame, name)]
    samples = {"": frame} | {name: frame.select(pl.col(name).unique()) for name in few}
    for name, rows in samples.items():
        own = [check for check in present if (check.column if check.column in few else "") == name]
        results = rows.select(check.is_valid.all().alias(str(i)) for i, check in enumerate(own))
        for check, is_valid in zip(own, results.row(0) if own else (), strict=True):
            if not is_valid:
                yield _first_violation(frame, check)


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
    violated = {
        "ordered": rules.ordered and not frame[rules.ordered].drop_nulls().is_sorted(),
        "key": rules.key and _has_duplicates(frame, pl.struct(rules.key)),
    }
    yield from (
        _first_violation(frame, check) for check in _row_rules(contract) if violated[check.rule]
    )


def _has_duplicates(frame: pl.DataFrame, key: pl.Expr) -> bool:
    """Return whether a key occurs twice; compare hashes first, which is faster."""
    different: int = frame.select(key.hash().n_unique()).item()
    return different < frame.height and not frame.select(key.is_first_distinct().all()).item()


def _row_rules(contract: type[Contract]) -> Iterator[Check]:
    """Yield the table rules as checks of single rows: order and key."""
    rules = contract.table
    if rules.ordered:
        column = pl.col(rules.ordered)
        reason = "must not be below an earlier row"
        yield Check(rules.ordered, "ordered", reason, column >= column.cum_max())
    if rules.key:
        first = pl.struct(rules.key).is_first_distinct()
        yield Check(", ".join(rules.key), "key", "must not occur twice", first)


def _first_violation(frame: pl.DataFrame, check: Check) -> Problem:
    names = check.column.split(", ")
    bad = frame.select(pl.int_range(pl.len()).alias("row"), *names).filter(
        ~check.is_valid.fill_null(value=True)
    )
    row, *values = bad.row(0)
    value = shorten(values[0] if len(values) == 1 else tuple(values))
    reason = f"{check.reason} ({bad.height} of {frame.height} rows, first in row {row})"
    return Problem(check.column, value, check.rule, reason)
