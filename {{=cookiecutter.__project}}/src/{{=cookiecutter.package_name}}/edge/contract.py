"""What a contract is: a strict record, and the rules that only a whole table can break."""

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
    """What one record cannot say about the table it belongs to.

    Attributes:
        key: Columns whose values, together, occur once.
        ordered: A column that never falls.
        least: Fewest rows.
        most: Most rows, or None for no limit.
        compare: Rules between columns, such as `("opened", "<=", "closed")`.
    """

    key: tuple[str, ...] = ()
    ordered: str | None = None
    least: int = 0
    most: int | None = None
    compare: tuple[tuple[str, str, str], ...] = ()

    def columns(self) -> set[str]:
        """Name every column that a rule speaks of."""
        compared = {name for left, _, right in self.compare for name in (left, right)}
        return {*self.key, *compared, *([self.ordered] if self.ordered else [])}


class Contract(BaseModel):
    """A record that is right or does not exist: strict, frozen, complete, finite."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True
    )

    table: ClassVar[TableRules] = TableRules()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        """Refuse table rules about columns or comparisons that do not exist."""
        super().__pydantic_init_subclass__(**kwargs)
        unknown = cls.table.columns() - set(cls.model_fields)
        unknown |= {sign for _, sign, _ in cls.table.compare} - set(COMPARISONS)
        if unknown:
            raise TypeError(f"{cls.__name__}.table names what is not there: {sorted(unknown)}")

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Add the rules between columns, where there are some: a call for each record costs."""
        schema = handler(source)
        if not cls.table.compare:
            return schema
        return core_schema.no_info_after_validator_function(_compare, schema)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Keep the table rules in the exported schema, as an annotation."""
        exported = handler.resolve_ref_schema(handler(schema))
        rules = {name: value for name, value in asdict(cls.table).items() if value}
        return exported | ({"x-table": rules} if rules else {})


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
