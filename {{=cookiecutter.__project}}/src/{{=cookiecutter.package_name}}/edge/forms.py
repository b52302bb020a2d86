"""Forms of values in text: what pydantic would guess is refused."""

import datetime
import re
from types import NoneType
from typing import Any, get_args

import pydantic
from pydantic.fields import FieldInfo

DATE_REASON = "must be an ISO 8601 date or time"
DATE_TYPES = (
    pydantic.AwareDatetime,
    pydantic.FutureDate,
    pydantic.FutureDatetime,
    pydantic.NaiveDatetime,
    pydantic.PastDate,
    pydantic.PastDatetime,
)
# Form, short name of the rule, and reason.
FORMS: dict[Any, tuple[re.Pattern[str], str, str]] = {
    int: (re.compile(r"[^_\s.eE]*"), "number_form", "must be an integer in digits"),
    float: (re.compile(r"[^_\s]*"), "number_form", "must be a number without spaces or _"),
    bool: (re.compile(r"true|false|1|0", re.IGNORECASE), "bool_form", "must be true or false"),
}
DATE_FORM = re.compile(r".[^-]*-.*", re.DOTALL), "date_form", DATE_REASON


def form_of(field: FieldInfo) -> tuple[re.Pattern[str], str, str] | None:
    """Return the form of a field in text; a field with `strict=False` allows what pydantic reads."""
    if any(getattr(each, "strict", None) is False for each in field.metadata):
        return None
    if is_date(field):
        return DATE_FORM
    options = [each for each in get_args(field.annotation) if each is not NoneType]
    is_optional = len(options) == 1 and NoneType in get_args(field.annotation)
    return FORMS.get(options[0] if is_optional else field.annotation)


def is_date(field: FieldInfo) -> bool:
    """Return whether a field is a date or a date and time."""
    lax = any(getattr(each, "strict", None) is False for each in field.metadata)
    return not lax and _is_date(field.annotation)


def _is_date(annotation: object) -> bool:
    if get_args(annotation):
        return any(map(_is_date, get_args(annotation)))
    return annotation in DATE_TYPES or (
        isinstance(annotation, type) and issubclass(annotation, datetime.date)
    )
