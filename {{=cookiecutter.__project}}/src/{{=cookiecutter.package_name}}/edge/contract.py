"""The base class of contracts: a strict record, and rules for the table that it belongs to."""

import operator
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

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
        least: Minimum number of rows.
        most: Maximum number of rows, or None for no limit.
        compare: Rules between columns, such as `("opened", "<=", "closed")`.
    """

    key: tuple[str, ...] = ()
    ordered: str | None = None
    least: int = 0
    most: int | None = None
    compare: tuple[tuple[str, str, str], ...] = ()

    def columns(self) -> set[str]:
        """Return every column that a rule refers to."""
        compared = {name for left, _, right in self.compare for name in (left, right)}
        return {*self.key, *compared, *([self.ordered] if self.ordered else [])}


class Contract(BaseModel):
    """A record that is always valid: strict types, frozen, no unknown fields, finite numbers."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True
    )

    table: ClassVar[TableRules] = TableRules()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        """Reject table rules that refer to unknown columns or comparisons."""
        super().__pydantic_init_subclass__(**kwargs)
        unknown = cls.table.columns() - set(cls.model_fields)
        unknown |= {sign for _, sign, _ in cls.table.compare} - set(COMPARISONS)
        if unknown:
            raise TypeError(f"{cls.__name__}.table has unknown columns or signs: {sorted(unknown)}")

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Add the rules between columns, if there are any: a call for each record is slow."""
        schema = handler(source)
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
        return exported | ({"x-table": rules} if rules else {})


def columns_of(contract: type[BaseModel]) -> dict[str, str]:
    """Return the field behind each column of a table: a column has the alias, if there is one."""
    return {
        alias if isinstance(alias := field.validation_alias, str) else name: name
        for name, field in contract.model_fields.items()
    }


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
