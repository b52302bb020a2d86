"""Contracts for arrays: shapes, with named dimensions, and dtypes, validated at construction."""

from contextlib import suppress
from types import NoneType, UnionType
from typing import Any, ClassVar, Union, get_args, get_origin

import numpy as np
from jaxtyping import AnnotationError, jaxtyped
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
        _check(value, annotation, finite=cls.finite)
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


def _check(value: Any, annotation: Any, *, finite: bool) -> None:
    """Check an array, or the arrays in a list, a tuple, a mapping or an optional value.

    Raises:
        PydanticCustomError: An array has another shape or dtype, or is not finite.
    """
    if hasattr(annotation, "dim_str"):
        _check_array(value, annotation, finite=finite)
        return
    origin, options = get_origin(annotation), get_args(annotation)
    if origin in {Union, UnionType}:
        rest = [each for each in options if each is not NoneType]
        if value is None and len(rest) < len(options):
            return
        if len(rest) == 1:
            _check(value, rest[0], finite=finite)
        elif all(hasattr(each, "dim_str") for each in rest):
            fitting = [each for each in rest if _is_valid(value, each)]
            _check(value, (fitting or rest)[0], finite=finite)
    elif origin is dict and isinstance(value, dict):
        for each in value.values():
            _check(each, options[1], finite=finite)
    elif origin in {list, tuple} and isinstance(value, origin):
        is_fixed = origin is tuple and options[-1:] != (Ellipsis,)
        types = options if is_fixed and len(options) == len(value) else options[:1] * len(value)
        for each, type_ in zip(value, types, strict=True):
            _check(each, type_, finite=finite)


def _check_array(value: Any, annotation: Any, *, finite: bool) -> None:
    if not _is_valid(value, annotation):
        raise PydanticCustomError(
            "array", "must be {expected}, not {actual}", _difference(value, annotation)
        )
    if finite and np.issubdtype(value.dtype, np.inexact) and not np.isfinite(value).all():
        index = tuple(map(int, np.argwhere(~np.isfinite(value))[0]))
        raise PydanticCustomError(
            "finite", "must be finite, but is not at {index}", {"index": str(index)}
        )


def _is_valid(value: object, annotation: Any) -> bool:
    """Return whether a value is of a type; sizes of earlier fields count.

    Raises:
        PydanticCustomError: A size is computed from one that no earlier field has.
    """
    try:
        return isinstance(value, annotation)
    except AnnotationError:
        raise PydanticCustomError(
            "dimension",
            "has the shape ({shape}), which needs a size that no field before it has",
            {"shape": ", ".join(annotation.dim_str.split())},
        ) from None


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
    with jaxtyped("context"), suppress(PydanticCustomError):
        return _is_valid(value, annotation)
    return True  # its own sizes depend on the fields before it
