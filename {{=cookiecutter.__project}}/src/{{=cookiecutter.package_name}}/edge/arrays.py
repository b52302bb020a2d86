"""Contracts for arrays: shapes, with named dimensions, and dtypes, validated at construction."""

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
    """Export shape and dtype as an annotation, since JSON Schema has no typed arrays."""

    def is_instance_schema(self, schema: core_schema.IsInstanceSchema) -> JsonSchemaValue:
        annotation = schema["cls"]
        if not hasattr(annotation, "dim_str"):
            return super().is_instance_schema(schema)
        shape, dtypes = annotation.dim_str.split(), list(annotation.dtypes)
        return {"x-array": {"shape": shape, "dtypes": dtypes}}


class ArrayContract(BaseModel):
    """Arrays that belong together: a named dimension has the same size in all of them.

    Annotate a field with jaxtyping, such as `Float32[np.ndarray, "batch 28"]`. Begin a single
    name with a space (`Int64[np.ndarray, " batch"]`), so that tools do not take it for a type.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid", frozen=True)

    finite: ClassVar[bool] = True

    @model_validator(mode="wrap")
    @classmethod
    def _share_dimensions(
        cls, value: object, handler: ModelWrapValidatorHandler["ArrayContract"]
    ) -> Any:
        with jaxtyped("context"):
            return handler(value)

    @field_validator("*", mode="before")
    @classmethod
    def _validate_array(cls, value: object, info: ValidationInfo) -> object:
        annotation: Any = cls.model_fields[str(info.field_name)].annotation
        if not hasattr(annotation, "dim_str"):
            return value
        if not isinstance(value, annotation):
            raise PydanticCustomError(
                "array", "must be {expected}, not {actual}", _difference(value, annotation)
            )
        if cls.finite and np.issubdtype(value.dtype, np.inexact) and not np.isfinite(value).all():
            index = tuple(map(int, np.argwhere(~np.isfinite(value))[0]))
            raise PydanticCustomError(
                "finite", "must be finite, but is not at {index}", {"index": str(index)}
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


def _difference(value: object, annotation: Any) -> dict[str, str]:
    dtypes = annotation.dtypes
    names = " or ".join(dtypes) if isinstance(dtypes, tuple) else "any dtype"
    expected = f"({', '.join(annotation.dim_str.split())}) {names}"
    if not isinstance(value, np.ndarray):
        return {"expected": expected, "actual": type(value).__name__}
    actual = f"({', '.join(map(str, value.shape))}) {value.dtype}"
    if _is_valid_alone(value, annotation):
        expected += " with sizes as in the fields before it"
    return {"expected": expected, "actual": actual}


def _is_valid_alone(value: object, annotation: type) -> bool:
    with jaxtyped("context"):
        return isinstance(value, annotation)
