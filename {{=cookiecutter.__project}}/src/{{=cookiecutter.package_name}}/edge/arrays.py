"""Contracts for arrays: shapes, with names for what varies, and dtypes, checked at construction."""

from typing import Any, ClassVar

import numpy as np
from jaxtyping import jaxtyped
from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema


class _ArraySchema(GenerateJsonSchema):
    """JSON has no arrays of a dtype, so shape and dtype are kept as an annotation."""

    def is_instance_schema(self, schema: core_schema.IsInstanceSchema) -> JsonSchemaValue:
        wanted = schema["cls"]
        if not hasattr(wanted, "dim_str"):
            return super().is_instance_schema(schema)
        return {"x-array": {"shape": wanted.dim_str.split(), "dtypes": list(wanted.dtypes)}}


class ArrayContract(BaseModel):
    """Arrays that belong together: a dimension's name means one size in all of them.

    A field is annotated with jaxtyping, such as `Float32[np.ndarray, "batch 28"]`; a single name
    begins with a space (`Int64[np.ndarray, " batch"]`), so that no tool takes it for a type.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid", frozen=True)

    finite: ClassVar[bool] = True

    @model_validator(mode="wrap")
    @classmethod
    def _together(cls, value: object, handler: ModelWrapValidatorHandler["ArrayContract"]) -> Any:  # noqa: ANN401
        with jaxtyped("context"):
            return handler(value)

    @field_validator("*", mode="before")
    @classmethod
    def _fits(cls, value: object, info: ValidationInfo) -> object:
        wanted: Any = cls.model_fields[str(info.field_name)].annotation
        if not hasattr(wanted, "dim_str"):
            return value
        if not isinstance(value, wanted):
            raise PydanticCustomError(
                "array", "must be {wanted}, not {found}", _difference(value, wanted)
            )
        if cls.finite and np.issubdtype(value.dtype, np.inexact) and not np.isfinite(value).all():
            place = tuple(map(int, np.argwhere(~np.isfinite(value))[0]))
            raise PydanticCustomError(
                "finite", "must be finite, but is not at {place}", {"place": str(place)}
            )
        return value

    @classmethod
    def model_json_schema(  # type: ignore[override]
        cls,
        by_alias: bool = True,
        ref_template: str = "#/$defs/{model}",
        schema_generator: type[GenerateJsonSchema] = _ArraySchema,
        mode: JsonSchemaMode = "validation",
    ) -> dict[str, Any]:
        """Return the schema, with shape and dtype under `x-array`."""
        return super().model_json_schema(by_alias, ref_template, schema_generator, mode)


def _difference(value: object, wanted: Any) -> dict[str, str]:  # noqa: ANN401
    dtypes = " or ".join(wanted.dtypes) if isinstance(wanted.dtypes, tuple) else "any dtype"
    expected = f"({', '.join(wanted.dim_str.split())}) {dtypes}"
    if not isinstance(value, np.ndarray):
        return {"wanted": expected, "found": type(value).__name__}
    found = f"({', '.join(map(str, value.shape))}) {value.dtype}"
    if _fits_alone(value, wanted):
        expected += " with sizes as in the fields before it"
    return {"wanted": expected, "found": found}


def _fits_alone(value: object, wanted: type) -> bool:
    with jaxtyped("context"):
        return isinstance(value, wanted)
