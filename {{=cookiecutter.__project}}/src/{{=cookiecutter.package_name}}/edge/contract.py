"""The base class of contracts: a strict record, and rules for the table that it belongs to."""

import operator
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema, to_jsonable_python

from .forms import Guard

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}


@dataclass(frozen=True)
class TableRules:
    """Rules that involve more than one value of a table.

    Attributes:
        key: Columns whose combined values must be unique.
        ordered: Column whose values must not decrease.
        per: Columns that form groups, such as a sensor: each has its own order, steps and gaps.
        every: Step of the ordered column: the distance of two rows is a multiple of it.
        gap: Longest distance of the ordered column between two rows.
        least: Minimum number of rows.
        most: Maximum number of rows, or None for no limit.
        compare: Rules between columns, such as `("opened", "<=", "closed")`.
    """

    key: tuple[str, ...] = ()
    ordered: str | None = None
    per: tuple[str, ...] = ()
    every: timedelta | float | None = None
    gap: timedelta | float | None = None
    least: int = 0
    most: int | None = None
    compare: tuple[tuple[str, str, str], ...] = ()

    def columns(self) -> set[str]:
        """Return every column that a rule refers to."""
        compared = {name for left, _, right in self.compare for name in (left, right)}
        return {*self.key, *self.per, *compared, *([self.ordered] if self.ordered else [])}


@dataclass(frozen=True)
class Dialect:
    """How the CSV files of a contract are written.

    Attributes:
        delimiter: The character between two cells.
        decimal: The decimal sign of numbers, `.` or `,`.
        encoding: The encoding of the text.
        nulls: Words that mean no value, such as `NA`, besides an empty cell.
        header: Whether the first line has the names; without it, cells are in the order of fields.
    """

    delimiter: str = ","
    decimal: str = "."
    encoding: str = "utf-8"
    nulls: tuple[str, ...] = ()
    header: bool = True


class Contract(BaseModel):
    """A record that is always valid: strict types, frozen, no unknown fields, finite numbers."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True
    )

    table: ClassVar[TableRules] = TableRules()
    dialect: ClassVar[Dialect] = Dialect()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        """Reject table rules that refer to unknown columns or comparisons, or that need an order.

        Raises:
            TypeError: A rule or the dialect cannot be applied.
        """
        super().__pydantic_init_subclass__(**kwargs)
        rules = cls.table
        unknown = rules.columns() - set(cls.model_fields)
        unknown |= {sign for _, sign, _ in rules.compare} - set(COMPARISONS)
        if unknown:
            raise TypeError(f"{cls.__name__}.table has unknown columns or signs: {sorted(unknown)}")
        if (rules.per or rules.every or rules.gap) and not rules.ordered:
            raise TypeError(f"{cls.__name__}.table: per, every and gap need an ordered column")
        if len(cls.dialect.delimiter) != 1 or cls.dialect.delimiter in '"\r\n.':
            raise TypeError(f"{cls.__name__}.dialect: {cls.dialect.delimiter!r} is no delimiter")
        try:
            "".encode(cls.dialect.encoding)
        except LookupError as error:
            raise TypeError(f"{cls.__name__}.dialect: {error}") from error

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Refuse guesses, and add the rules between columns: a call for each record is slow."""
        schema = handler(source)
        if cls.__dict__.get("__pydantic_complete__"):  # the schema is used again
            return schema
        finite = not cls.model_config.get("allow_inf_nan")
        schema = Guard(cls, handler.resolve_ref_schema, finite).apply(schema)
        if not cls.table.compare:
            return schema
        return core_schema.no_info_after_validator_function(_compare, schema)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Add the table rules to the exported schema, as an annotation."""
        exported = handler.resolve_ref_schema(handler(schema))
        rules = {name: value for name, value in asdict(cls.table).items() if value}
        return exported | ({"x-table": to_jsonable_python(rules)} if rules else {})


def columns_of(contract: type[BaseModel]) -> dict[str, str]:
    """Return the field behind each name that a column of a table may have.

    The first name of a field is the one that is written.
    """
    by_name = contract.model_config.get("validate_by_name") or contract.model_config.get(
        "populate_by_name"
    )
    columns: dict[str, str] = {}
    for name, field in contract.model_fields.items():
        alias = field.validation_alias
        choices = alias.choices if isinstance(alias, AliasChoices) else [alias or name]
        paths = [each.path if isinstance(each, AliasPath) else [each] for each in choices]
        names = [str(path[0]) for path in paths if len(path) == 1]
        columns |= dict.fromkeys([*names, name] if by_name or not names else names, name)
    return columns


def column_of(fields: dict[str, str], field: str) -> str:
    """Return the first name of a field, which is the one that is written."""
    return next(name for name, other in fields.items() if other == field)


def _compare(record: Contract) -> Contract:
    for left, sign, right in record.table.compare:
        one, other = getattr(record, left), getattr(record, right)
        if one is not None and other is not None and not COMPARISONS[sign](one, other):
            raise PydanticCustomError(
                "compare",
                "must have {left} {sign} {right}",
                {"left": left, "sign": sign, "right": right},
            )
    return record
