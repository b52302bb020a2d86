"""Contracts for whole tables: a Polars frame is checked column by column, by the same model.

Every check is derived from the model's own fields and table rules; there is no second declaration,
and no Python per row.
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
        column: The column, or columns, that it is about.
        rule: Its short name.
        reason: The end of a sentence that begins with the column.
        good: True where a row keeps the rule; null counts as kept.
    """

    column: str
    rule: str
    reason: str
    good: pl.Expr


def check_table(frame: pl.DataFrame, contract: type[Contract]) -> pl.DataFrame:
    """Check a whole table.

    Args:
        frame: The table, with a row for each record.
        contract: What each row, and the table, must be.

    Returns:
        The same frame.

    Raises:
        EdgeError: It breaks the contract; the message names every rule, how often it is broken, and
            the first row (from 0) with its value.
    """
    problems = [*_layout(frame, contract)]
    if not problems:
        problems = [*_values(frame, contract), *_rows(frame, contract)]
    if problems:
        raise EdgeError(f"{contract.__name__} table: {sentences(problems)}")
    return frame


def split_table(frame: pl.DataFrame, contract: type[Contract]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part the good rows of a table from the bad ones.

    Args:
        frame: The table.
        contract: What each row must be.

    Returns:
        The good rows as they are, and the bad ones with two columns more: `row` (from 0) and
        `reasons`. Every row is in one of them.

    Raises:
        EdgeError: Columns are missing, unknown or of another type, so that no row can be judged.
    """
    if problems := [*_layout(frame, contract)]:
        raise EdgeError(f"{contract.__name__} table: {sentences(problems)}")
    every = [*checks(contract), *_row_rules(contract)]
    broken = [~check.good.fill_null(value=True) for check in every]
    reasons = [
        pl.when(bad).then(pl.lit(f"{check.column} {check.reason}"))
        for check, bad in zip(every, broken, strict=True)
    ]
    judged = frame.with_columns(
        pl.int_range(pl.len()).alias("row"),
        pl.concat_list(reasons).list.drop_nulls().alias("reasons"),
    )
    is_good = pl.col("reasons").list.len() == 0
    return judged.filter(is_good).drop("row", "reasons"), judged.filter(~is_good)


@cache
def checks(contract: type[Contract]) -> tuple[Check, ...]:
    """Derive the checks of single rows from a contract's fields.

    Raises:
        TypeError: A field has no column-wise form, such as a nested model.
    """
    schema = contract.model_json_schema()
    found = [
        check
        for name, field in schema["properties"].items()
        for check in _column(name, *_plain(field, schema), _may_be_infinite(contract, name))
    ]
    for left, sign, right in contract.table.compare:
        good = COMPARISONS[sign](pl.col(left), pl.col(right))
        found.append(Check(f"{left}, {right}", "compare", f"must be {left} {sign} {right}", good))
    return tuple(found)


def _plain(schema: Schema, root: Schema) -> tuple[Schema, bool]:
    """Return a field's schema without references, and whether it may be null."""
    if "$ref" in schema:
        return _plain(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    several = schema.get("anyOf", [])
    rest = [each for each in several if each.get("type") != "null"]
    if len(rest) == 1:
        return _plain(rest[0], root)[0], len(several) > 1
    return schema, False


def _column(name: str, schema: Schema, nullable: bool, infinite: bool) -> Iterator[Check]:
    if _kind(schema) not in DTYPES:
        raise TypeError(f"{name} has no column-wise form: {schema}")
    column = pl.col(name)
    if not nullable:
        yield Check(name, "missing", "must not be null", column.is_not_null())
    if schema.get("type") == "number" and not infinite:
        yield Check(name, "finite_number", "must be a finite number", column.is_finite())
    if "enum" in schema:
        column = column.cast(pl.String) if schema.get("type") == "string" else column
    for keyword, (good, reason) in BOUNDS.items():
        if keyword in schema:
            limit = schema[keyword]
            yield Check(name, keyword, reason.format(limit), good(column, limit))


def _kind(schema: Schema) -> str:
    formatted = schema.get("format")
    return str(formatted if formatted in DTYPES else schema.get("type", "object"))


def _may_be_infinite(contract: type[Contract], name: str) -> bool:
    said = [getattr(item, "allow_inf_nan", None) for item in contract.model_fields[name].metadata]
    said.append(contract.model_config.get("allow_inf_nan"))
    return bool(next((each for each in said if each is not None), True))


def _layout(frame: pl.DataFrame, contract: type[Contract]) -> Iterator[Problem]:
    """Compare names and types of the columns."""
    schema = contract.model_json_schema()
    for name in schema["properties"].keys() - set(frame.columns):
        if name in schema.get("required", []):
            yield Problem(name, "", "missing", "is missing")
    for name, dtype in frame.schema.items():
        if name not in schema["properties"]:
            yield Problem(name, "", "extra_forbidden", "is not in the contract")
            continue
        fits, words = DTYPES[_kind(_plain(schema["properties"][name], schema)[0])]
        if not fits(dtype):
            yield Problem(name, str(dtype), "type", f"must be {words}")
        elif _wants_zone(contract.model_fields[name].annotation) and not dtype.time_zone:  # type: ignore[attr-defined]
            yield Problem(name, str(dtype), "timezone_aware", "must have a time zone")


def _wants_zone(annotation: object) -> bool:
    return annotation is AwareDatetime or any(map(_wants_zone, get_args(annotation)))


def _values(frame: pl.DataFrame, contract: type[Contract]) -> Iterator[Problem]:
    """Check all rows at once; look for the bad ones only where there are some."""
    present = [check for check in checks(contract) if check.column.split(", ")[0] in frame.columns]
    few = [name for name in frame.columns if _repeated(frame, name)]
    looked_at = {"": frame} | {name: frame.select(pl.col(name).unique()) for name in few}
    for name, rows in looked_at.items():
        own = [check for check in present if (check.column if check.column in few else "") == name]
        kept = rows.select(check.good.all().alias(str(i)) for i, check in enumerate(own))
        for check, good in zip(own, kept.row(0) if own else (), strict=True):
            if not good:
                yield _broken(frame, check)


def _repeated(frame: pl.DataFrame, name: str) -> bool:
    """Say whether a text column seems to have few values, so that each is looked at once."""
    few = frame.height > 100 and frame.schema[name] == pl.String
    return few and frame[name].head(1000).n_unique() < 100


def _rows(frame: pl.DataFrame, contract: type[Contract]) -> Iterator[Problem]:
    """Check what only the whole table can break."""
    rules, count = contract.table, frame.height
    if count < rules.least:
        yield Problem("", str(count), "least", f"must be one of at least {rules.least}")
    if rules.most is not None and count > rules.most:
        yield Problem("", str(count), "most", f"must be one of at most {rules.most}")
    broken = {
        "ordered": rules.ordered and not frame[rules.ordered].drop_nulls().is_sorted(),
        "key": rules.key and _repeats(frame, pl.struct(rules.key)),
    }
    yield from (_broken(frame, check) for check in _row_rules(contract) if broken[check.rule])


def _repeats(frame: pl.DataFrame, key: pl.Expr) -> bool:
    """Say whether a key occurs twice. Hashes that all differ tell that it does not, at once."""
    different: int = frame.select(key.hash().n_unique()).item()
    return different < frame.height and not frame.select(key.is_first_distinct().all()).item()


def _row_rules(contract: type[Contract]) -> Iterator[Check]:
    """Say the table's rules for single rows: what comes too late, and what comes again."""
    rules = contract.table
    if rules.ordered:
        column = pl.col(rules.ordered)
        reason = "must not fall below a row before"
        yield Check(rules.ordered, "ordered", reason, column >= column.cum_max())
    if rules.key:
        first = pl.struct(rules.key).is_first_distinct()
        yield Check(", ".join(rules.key), "key", "must not occur twice", first)


def _broken(frame: pl.DataFrame, check: Check) -> Problem:
    names = check.column.split(", ")
    bad = frame.select(pl.int_range(pl.len()).alias("row"), *names).filter(
        ~check.good.fill_null(value=True)
    )
    row, *values = bad.row(0)
    found = shorten(values[0] if len(values) == 1 else tuple(values))
    reason = f"{check.reason} ({bad.height} of {frame.height} rows; row {row} first)"
    return Problem(check.column, found, check.rule, reason)
