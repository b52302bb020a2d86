"""Contracts of arrays of random fields, and what they must accept by plain rules."""

# Types are made at run time here.
# mypy: disable-error-code="valid-type"

from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int, Int64, Shaped, UInt8
from pydantic import BaseModel, create_model

# Type -> the data types that it has.
TYPES: dict[Any, tuple[str, ...]] = {
    Float32: ("float32",),
    Float64: ("float64",),
    Float: ("float16", "float32", "float64"),
    Int64: ("int64",),
    Int: ("int8", "int16", "int32", "int64"),
    UInt8: ("uint8",),
    Bool: ("bool",),
    Shaped: ("float32", "int64", "bool", "uint8"),
}
DTYPES = ("float16", "float32", "float64", "int8", "int64", "uint8", "bool")
FORMS = ("plain", "optional", "listed", "mapped", "paired", "optional list")


@dataclass(frozen=True)
class ArrayField:
    """A field of arrays.

    Attributes:
        dimensions: What it says of each dimension: a size, a name, `_` for any size, and `...` or
            `*name` for any number of dimensions.
        type_: The type of its arrays.
        form: How it holds them.
    """

    dimensions: tuple[str, ...]
    type_: Any
    form: str

    def annotation(self) -> Any:
        """Return the annotation of the field."""
        array: Any = self.type_[np.ndarray, " ".join(["", *self.dimensions])]
        forms = {
            "plain": array,
            "optional": array | None,
            "listed": list[array],
            "mapped": dict[str, array],
            "paired": tuple[array, array],
            "optional list": list[array] | None,
        }
        return forms[self.form]


def array_fields(random: Random) -> dict[str, ArrayField]:
    """Draw one to three fields."""
    fields = {}
    for name in "abc"[: random.randint(1, 3)]:
        dimensions = random.choices(["n", "k", "2", "3", "_"], k=random.randint(0, 3))
        if random.random() < 0.3:
            several = random.choice(["...", "*rest"])
            dimensions.insert(random.randint(0, len(dimensions)), several)
        type_, form = random.choice(list(TYPES)), random.choice(FORMS)
        fields[name] = ArrayField(tuple(dimensions), type_, form)
    return fields


def array_contract(base: type[BaseModel], fields: dict[str, ArrayField]) -> Any:
    """Return a contract of these fields."""
    annotations: Any = {name: (field.annotation(), ...) for name, field in fields.items()}
    return create_model("Arrays", __base__=base, **annotations)


def array_values(random: Random, fields: dict[str, ArrayField]) -> dict[str, Any]:
    """Draw a value for each field, most of them valid."""
    sizes: dict[str, Any] = {"n": random.randint(0, 3), "k": random.randint(0, 3)}
    sizes["*rest"] = random.choice([(), (2,), (3, 1)])
    return {name: _value(random, field, sizes) for name, field in fields.items()}


def _value(random: Random, field: ArrayField, sizes: dict[str, Any]) -> Any:
    if random.random() < 0.05:
        return random.choice([None, 1, "a", [1.0], []])
    if field.form.startswith("optional") and random.random() < 0.3:
        return None
    count = {"mapped": random.randint(0, 2), "paired": random.choice([2, 2, 2, 2, 1, 3])}
    arrays = [
        _array(random, field, sizes) for _ in range(count.get(field.form, random.randint(1, 3)))
    ]
    if field.form == "mapped":
        return dict(zip("xy", arrays, strict=False))
    if field.form == "paired":
        return tuple(arrays)
    return arrays[0] if field.form in {"plain", "optional"} else arrays


def _array(random: Random, field: ArrayField, sizes: dict[str, Any]) -> Any:
    shape: list[int] = []
    for dimension in field.dimensions:
        if dimension in {"_", "..."}:
            shape += [random.randint(0, 2) for _ in range(1 if dimension == "_" else 2)]
        elif dimension == "*rest":
            shape += sizes[dimension]
        else:
            shape.append(int(dimension) if dimension.isdigit() else sizes[dimension])
    if shape and random.random() < 0.08:
        shape[random.randrange(len(shape))] += 1
    if random.random() < 0.04:
        shape.append(1)
    dtypes = TYPES[field.type_] if random.random() < 0.93 else DTYPES
    array = np.ones(shape, random.choice(dtypes))
    if array.size and array.dtype.kind == "f" and random.random() < 0.05:
        array.flat[random.randrange(array.size)] = random.choice([np.nan, np.inf])
    return array


def should_accept(fields: dict[str, ArrayField], values: dict[str, Any]) -> bool:
    """Return whether a contract must accept values: each array fits, and names have one size."""
    sizes: dict[str, Any] = {}
    return all(
        is_container and all(_fits(array, field, sizes) for array in arrays)
        for name, field in fields.items()
        for is_container, arrays in [_arrays(field.form, values[name])]
    )


def _arrays(form: str, value: Any) -> tuple[bool, list[Any]]:
    """Return whether a value is of the form of a field, and the arrays in it."""
    if form.startswith("optional") and value is None:
        return True, []
    if form in {"plain", "optional"}:
        return True, [value]
    container = {"mapped": dict, "paired": tuple}.get(form, list)
    if not isinstance(value, container) or (form == "paired" and len(value) != 2):
        return False, []
    return True, list(value.values() if isinstance(value, dict) else value)


def _fits(array: Any, field: ArrayField, sizes: dict[str, Any]) -> bool:
    if not isinstance(array, np.ndarray):
        return False
    is_type = field.type_ is Shaped or str(array.dtype) in TYPES[field.type_]
    if not is_type or (array.dtype.kind == "f" and not np.isfinite(array).all()):
        return False
    return _has_sizes(field.dimensions, array.shape, sizes)


def _has_sizes(dimensions: tuple[str, ...], shape: tuple[int, ...], sizes: dict[str, Any]) -> bool:
    """Return whether a shape fits, with the sizes that names have already; remember new ones."""
    pairs: list[tuple[str, Any]]
    at = next((at for at, each in enumerate(dimensions) if each in {"...", "*rest"}), None)
    if at is None:
        if len(shape) != len(dimensions):
            return False
        pairs = list(zip(dimensions, shape, strict=True))
    else:
        end = len(shape) - (len(dimensions) - 1 - at)
        if end < at:
            return False
        pairs = [
            *zip(dimensions[:at], shape[:at], strict=True),
            (dimensions[at], shape[at:end]),
            *zip(dimensions[at + 1 :], shape[end:], strict=True),
        ]
    return all(
        int(name) == size if name.isdigit() else sizes.setdefault(name, size) == size
        for name, size in pairs
        if name not in {"_", "..."}
    )
