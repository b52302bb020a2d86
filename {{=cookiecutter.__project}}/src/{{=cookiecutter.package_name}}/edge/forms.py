"""Forms of values in text: what pydantic would guess is refused.

`Guard` puts the checks into the schema of a contract, nested values included. `form_of` has those
for the cells of a CSV file, where every value is text.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError, core_schema

Schema = Any  # a part of a core schema
ISO_UTC = 20  # characters of `2026-01-05T08:00:00Z`: texts of this form are in the order of times
# What a number needs to be smaller than any float: a large exponent, or many decimals.
ZEROS = "." + "0" * 300
TINY = re.compile(r"[eE]-\d{3}|\.0{300}")
# Type -> what its text must match, and the error: pydantic reads digits as a time since 1970, and
# cuts what is finer than microseconds.
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
TEXTS = {
    "date": (f"{DATE}$", "date_form", "must be an ISO 8601 date"),
    "datetime": (
        DATE + r"[Tt _][^.,]*([.,][0-9]{1,6}([^0-9.,][^.,]*)?)?$",
        "time_form",
        "must be an ISO 8601 date and time, with at most six decimals of a second",
    ),
    "timedelta": (
        r"^[^.,]*([.,][0-9]{1,6}([^0-9.,][^.,]*)?)?$",
        "duration_form",
        "must be an ISO 8601 duration, with at most six decimals of a second",
    ),
}
# The keys of a core schema under which there are others.
INNER = {
    *("schema", "items_schema", "keys_schema", "values_schema", "choices", "fields", "steps"),
    *("arguments_schema", "json_schema", "python_schema", "lax_schema", "strict_schema"),
}
# Form, short name of the rule, and reason.
Form = tuple[re.Pattern[str], str, str]
FORMS: dict[Any, tuple[str, str]] = {
    int: (r"[^_\s.eE]*", "an integer in digits"),
    float: (r"[^_\s]*", "a number without spaces or _"),
    bool: (r"(?i:true|false|1|0)", "true or false"),
}


@dataclass
class Guard:
    """Guard of a core schema: it refuses what pydantic would guess, at any depth.

    Digits are no time, `1_000` is no decimal, a time has at most six decimals, and a value of any
    type is finite. A field with `strict=False` is left as it is.

    Attributes:
        model: The class whose schema it is; a model inside of it has its own.
        resolve: Returns the schema behind a reference.
        finite: Whether values of any type must be finite.
        seen: References that are done.
    """

    model: type
    resolve: Callable[[Schema], Schema]
    finite: bool
    seen: set[str] = field(default_factory=set)

    def apply(self, schema: Schema) -> Schema:
        """Return a schema that is guarded; parts of it are changed in place."""
        if isinstance(schema, list | tuple):
            return type(schema)(map(self.apply, schema))
        if not isinstance(schema, dict) or schema.get("strict") is False:
            return schema
        type_ = schema.get("type")
        if type_ in {"model", "dataclass"} and schema["cls"] is not self.model:
            return schema
        if type_ == "definition-ref" and schema["schema_ref"] not in self.seen:
            self.seen.add(schema["schema_ref"])
            self.apply(self.resolve(schema))
        for key in INNER & schema.keys():
            inner = schema[key]
            is_table = isinstance(inner, dict) and key in {"fields", "choices"}
            schema[key] = (
                {name: self.apply(each) for name, each in inner.items()}
                if is_table
                else self.apply(inner)
            )
        if type_ == "time":
            schema["microseconds_precision"] = "error"
        if type_ == "any" and self.finite:
            return core_schema.no_info_after_validator_function(require_finite, schema)
        if type_ in TEXTS:
            pattern, error, message = TEXTS[type_]
            text = core_schema.custom_error_schema(
                core_schema.union_schema(
                    [core_schema.str_schema(pattern=pattern, strict=True), NO_TEXT],
                    mode="left_to_right",
                ),
                custom_error_type=error,
                custom_error_message=message,
            )
            return _in_text(schema, core_schema.chain_schema([text, schema | {"strict": False}]))
        if type_ in {"decimal", "complex"}:
            lax = schema | {"strict": False}
            guarded = core_schema.no_info_before_validator_function(require_digits, lax)
            return _in_text(schema, guarded)
        return schema


def _in_text(schema: Schema, guarded: Schema) -> Schema:
    """Return a schema that reads JSON and text by another one.

    What comes before a strict type may only give what it is in Python, so the other one is not
    strict. A tool that exports the schema finds the first.
    """
    strict = core_schema.json_or_python_schema(guarded, schema)
    return core_schema.lax_or_strict_schema(schema, strict)


def require_digits(value: object) -> object:
    """Refuse a number in text that has spaces, underscores or digits of other scripts."""
    if type(value) is str:
        if "_" in value or not value.isascii() or value.strip() != value:
            raise PydanticCustomError("number_form", "must be a number without spaces or _")
    elif type(value) not in {int, float, Decimal, complex}:  # the last two are defaults
        raise PydanticCustomError("number_form", "must be a number")
    return value


def _require_no_text(value: object) -> object:
    """Refuse what a document can hold: a default is a value of Python, also in a JSON document."""
    if isinstance(value, str | int | float | bool | list | dict | NoneType):
        raise PydanticCustomError("text_form", "must be a text")
    return value


NO_TEXT = core_schema.no_info_plain_validator_function(_require_no_text)


def require_finite(value: object) -> object:
    """Refuse NaN and infinity at any depth."""
    rest = [value]
    while rest:
        each = rest.pop()
        if isinstance(each, float) and not math.isfinite(each):
            raise PydanticCustomError("finite_number", "must be a finite number")
        if isinstance(each, dict):
            rest.extend(each.values())
        elif isinstance(each, list):
            rest.extend(each)
    return value


def form_of(info: FieldInfo) -> Form | None:
    """Return the form of a field in text; a field with `strict=False` allows what pydantic reads."""
    if any(getattr(each, "strict", None) is False for each in info.metadata):
        return None
    found = list(map(_form, _alternatives(info.annotation)))
    if not found or None in found:
        return None
    patterns, words = zip(*dict.fromkeys(found), strict=True)
    return re.compile("|".join(patterns)), "form", f"must be {' or '.join(words)}"


def is_numeric(info: FieldInfo) -> bool:
    """Return whether a field is a number, whose decimal sign a dialect may declare."""
    return all(each in {int, float, Decimal, complex} for each in _alternatives(info.annotation))


def may_be_tiny(text: str) -> bool:
    """Return whether a text may have a number that is smaller than any float, a quick look."""
    # One character is found much faster than two.
    has_many = ("e" in text and "e-" in text) or ("E" in text and "E-" in text) or ZEROS in text
    return has_many and TINY.search(text) is not None


def is_usual(texts: list[str]) -> bool:
    """Return whether all texts are of the form of `2026-01-05T08:00:00Z`, if they are times."""
    joined, count = "".join(texts), len(texts)
    return set(map(len, texts)) == {ISO_UTC} and all(
        joined[at::ISO_UTC] == sign * count
        for at, sign in ((4, "-"), (10, "T"), (13, ":"), (19, "Z"))
    )


def is_underflow(text: str) -> bool:
    """Return whether a number in text is so small that a float of it is 0."""
    if not TINY.search(text):
        return False
    try:
        return float(text) == 0 and bool(re.search("[1-9]", text.lower().partition("e")[0]))
    except ValueError:
        return False


def _alternatives(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        return _alternatives(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        inner = [_alternatives(each) for each in get_args(annotation) if each is not NoneType]
        return [each for part in inner for each in part]
    return [annotation]


def _form(annotation: Any) -> tuple[str, str] | None:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return FORMS[int] if issubclass(annotation, int) else None
    return FORMS.get(annotation)
