"""The quick way from the cells of a row to a record: as JSON, which pydantic reads fastest.

It only reads rows that mean the same in both ways. For any other it returns None, and the row is
read as text, with the messages that belong to text.
"""

import json
import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from types import NoneType
from typing import Any, get_args

from pydantic.fields import FieldInfo

from .contract import Contract, columns_of
from .forms import LONG, TINY

# Types of pydantic's core schema whose JSON is a number or a word, and those whose JSON is a text.
RAW = {"int", "float", "bool"}
TEXT = {"str", "date", "datetime", "time", "timedelta", "uuid", "decimal", "url", "multi-host-url"}
ADDRESSES = {IPv4Address, IPv4Network, IPv6Address, IPv6Network}
PLAIN = re.compile(r"[-+.\w]*", re.ASCII)  # a number or a word, as JSON allows no other in a cell


class Cells:
    """Reader of rows without quotes, whose cells each have one form in JSON."""

    def __init__(self, contract: type[Contract], names: list[str]) -> None:
        """Prepare to read rows with these columns.

        Raises:
            LookupError: A field may mean another value in JSON than in text.
        """
        fields, columns = _model_fields(contract), columns_of(contract)
        if contract.dialect.decimal != "." or not columns:
            raise LookupError
        self._parts: list[str] = []  # of a JSON object, with a place for the cell
        self._absent: list[str] = []  # the same for an empty cell
        self._raw: list[int] = []
        self._whole: list[int] = []
        for at, name in enumerate(names):
            key = json.dumps(name).replace("%", "%%")
            info = contract.model_fields.get(columns.get(name, ""))
            is_raw = info is not None and _is_raw(fields[columns[name]]["schema"], info)
            self._raw += [at] if is_raw else []
            is_whole = is_raw and info is not None and not {int, float, bool} & _types(info)
            self._whole += [at] if is_whole else []  # in JSON, 1.0 is one of the values of an enum
            self._parts.append(f"{key}:%s" if is_raw else f'{key}:"%s"')
            is_null = info is not None and info.is_required()
            nullable = is_null and NoneType in get_args(info.annotation)  # type: ignore[union-attr]
            self._absent.append(f"{key}:null" if nullable else "")
        self._template = "{" + ",".join(self._parts) + "}"
        self._nulls = frozenset(contract.dialect.nulls)
        self._validate = contract.__pydantic_validator__.validate_json

    def read(self, text: str, values: list[str]) -> Any:
        """Return the record of a row, or None if it has to be read as text."""
        is_odd = " " in text or "\t" in text or "\\" in text or "null" in text
        if is_odd and ("\\" in text or not self._are_plain(values)):
            return None
        if (len(text) > LONG or "e-" in text or "E-" in text) and TINY.search(text):
            return None
        if self._nulls and not self._nulls.isdisjoint(values):
            return None
        if self._whole and any("." in values[at] for at in self._whole):
            return None
        try:
            if "" in values:
                return self._validate(self._with_gaps(values))
            return self._validate(self._template % tuple(values))
        except Exception:  # noqa: BLE001 (validators may raise anything; text has the message)
            return None

    def _are_plain(self, values: list[str]) -> bool:
        raw = [values[at] for at in self._raw]
        return "null" not in raw and all(map(PLAIN.fullmatch, raw))

    def _with_gaps(self, values: list[str]) -> str:
        cells = zip(values, self._parts, self._absent, strict=True)
        parts = [part % value if value else absent for value, part, absent in cells]
        return "{" + ",".join(filter(None, parts)) + "}"


def cells_of(contract: type[Contract], names: list[str]) -> Cells | None:
    """Return a reader of rows with these columns; None if they have to be read as text."""
    try:
        return Cells(contract, names)
    except LookupError:
        return None


def _types(info: FieldInfo) -> set[Any]:
    return {info.annotation, *get_args(info.annotation)}


def _model_fields(contract: type[Contract]) -> dict[str, Any]:
    """Return the core schemas of the fields, if nothing reads the row before them."""
    schema: Any = contract.__pydantic_core_schema__
    while schema["type"] in {"definitions", "function-after"}:
        schema = schema["schema"]
    if schema["type"] != "model" or schema.get("custom_init"):
        raise LookupError
    fields: dict[str, Any] = schema["schema"]["fields"]
    return fields


def _is_raw(schema: Any, info: FieldInfo) -> bool:
    """Return whether a cell is a number or a word in JSON, not a text.

    Raises:
        LookupError: It may be either, or something reads the text before pydantic.
    """
    type_ = schema["type"]
    if type_ == "lax-or-strict" and schema["lax_schema"]["type"] in TEXT:
        return False
    if type_ in {"default", "nullable", "function-after"}:
        return _is_raw(schema["schema"], info)
    if type_ in {"literal", "enum"}:
        values = schema.get("expected") or [each.value for each in schema["members"]]
        types = set(map(type, values))
        if types in ({str}, {int}):
            return types == {int}
    if type_ in RAW:
        return True
    if type_ in TEXT or _types(info) & ADDRESSES:
        return False
    raise LookupError
