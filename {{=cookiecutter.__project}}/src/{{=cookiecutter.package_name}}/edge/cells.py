"""The quick way from the cells of a row to a record: as JSON, which pydantic reads fastest.

It only reads rows that mean the same in both ways. For any other it returns None, and the row is
read as text, with the messages that belong to text.
"""

import json
import re
from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from types import NoneType
from typing import Any, get_args

from pydantic.fields import FieldInfo
from pydantic_core import SchemaValidator, core_schema

from .contract import Contract, columns_of
from .forms import ISO_UTC, LONG, TINY

# Types of pydantic's core schema whose JSON is a number or a word, and those whose JSON is a text.
RAW = {"int", "float", "bool"}
TEXT = {"str", "date", "datetime", "time", "timedelta", "uuid", "decimal", "url", "multi-host-url"}
ADDRESSES = {IPv4Address, IPv4Network, IPv6Address, IPv6Network}
# Characters of numbers in JSON, and of `true` and `false`: no others, so that `null` is refused.
RAW_CELLS = b"0123456789+-.eE,truefals"
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
        self._columns = _column_readers(contract, names, self._raw)
        self._contract = contract

    def read_block(self, rows: list[list[str]], *, make: bool) -> list[Any] | None:
        """Return the records of many rows, which are validated column by column.

        Args:
            rows: The cells of each row.
            make: Whether records are made; otherwise the values that table rules use.

        Returns:
            None if a row is not valid, or has to be read alone.
        """
        if self._columns is None or self._nulls:
            return None
        try:
            cells = zip(*rows, strict=True)
            columns = [read(each) for read, each in zip(self._columns, cells, strict=True)]
        except Exception:  # noqa: BLE001 (validators may raise anything; each row has its message)
            return None
        if any(len(column) != len(rows) for column in columns):
            return None
        if make:
            return _records(self._contract, columns)
        used = self._contract.table.columns()
        named = zip(self._contract.model_fields, columns, strict=True)
        kept = {name: column for name, column in named if name in used}
        values = zip(*kept.values(), strict=True) if kept else [()] * len(rows)
        return [dict(zip(kept, each, strict=True)) for each in values]

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


def _column_readers(
    contract: type[Contract], names: list[str], raw: list[int]
) -> list[Callable[[tuple[str, ...]], list[Any]]] | None:
    """Return what reads each column; None if a record is more than its fields."""
    schema: Any = contract.__pydantic_core_schema__
    columns = columns_of(contract)
    is_plain = schema["type"] == "model" and not schema.get("post_init")
    in_order = [columns.get(name) for name in names] == list(contract.model_fields)
    if not is_plain or not in_order or contract.__private_attributes__:
        return None
    fields = _model_fields(contract)
    readers: list[Callable[[tuple[str, ...]], list[Any]]] = []
    for at, field in enumerate(contract.model_fields):
        inner = core_schema.list_schema(fields[field]["schema"])
        validator = SchemaValidator(inner, schema.get("config"))
        is_text = _bare_type(fields[field]["schema"]) in {"str", "literal"}
        if _is_guarded_time(fields[field]["schema"]):
            plain = core_schema.list_schema(fields[field]["schema"]["lax_schema"])
            quick = SchemaValidator(plain, schema.get("config"))
            readers.append(partial(_read_times, quick, validator))
        elif at in raw:
            is_enum = _bare_type(fields[field]["schema"]) in {"literal", "enum"}
            readers.append(partial(_read_raw, validator, "." if is_enum else " "))
        else:
            readers.append(partial(_read_text if is_text else _read_quoted, validator))
    return readers


def _bare_type(schema: Any) -> str:
    is_wrapped = schema["type"] in {"default", "nullable", "function-after"}
    return str(_bare_type(schema["schema"]) if is_wrapped else schema["type"])


def _read_raw(validator: SchemaValidator, refused: str, cells: tuple[str, ...]) -> list[Any]:
    text = ",".join(cells)
    is_odd = not text.isascii() or text.encode().translate(None, RAW_CELLS) or refused in text
    if is_odd or TINY.search(text):
        raise ValueError("a cell is not a number or a word of JSON")
    found: list[Any] = validator.validate_json(f"[{text}]")
    return found


def _read_text(validator: SchemaValidator, cells: tuple[str, ...]) -> list[Any]:
    if "" in cells or not "".join(cells).isprintable():
        raise ValueError("a cell is empty, or is not read as text")
    found: list[Any] = validator.validate_python(list(cells))
    return found


def _read_quoted(validator: SchemaValidator, cells: tuple[str, ...]) -> list[Any]:
    text = '","'.join(cells)
    if "\\" in text or "" in cells:
        raise ValueError("a cell is empty, or has an escape")
    found: list[Any] = validator.validate_json(f'["{text}"]')
    return found


def _is_guarded_time(schema: Any) -> bool:
    return schema["type"] == "lax-or-strict" and schema["lax_schema"]["type"] == "datetime"


def _read_times(
    quick: SchemaValidator, validator: SchemaValidator, cells: tuple[str, ...]
) -> list[Any]:
    """Read times; those of one usual form need no check that they are no digits."""
    joined, count = "".join(cells), len(cells)
    is_usual = set(map(len, cells)) == {ISO_UTC} and all(
        joined[at::ISO_UTC] == sign * count for at, sign in ((4, "-"), (10, "T"), (19, "Z"))
    )
    return _read_quoted(quick if is_usual and "." not in joined else validator, cells)


def _records(contract: type[Contract], columns: list[list[Any]]) -> list[Any]:
    """Return records of values that are validated, as pydantic itself sets them."""
    new, put, names = contract.__new__, object.__setattr__, tuple(contract.model_fields)
    given, found = set(names), []
    for values in zip(*columns, strict=True):
        record = new(contract)
        put(record, "__dict__", dict(zip(names, values, strict=True)))
        put(record, "__pydantic_fields_set__", given.copy())
        put(record, "__pydantic_extra__", None)
        put(record, "__pydantic_private__", None)
        found.append(record)
    return found


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
