"""Rows of cells, validated column by column: many cells in one call of pydantic.

It only reads rows that are valid, and mean the same in JSON and in text. It leaves any other rows
alone: they are read one by one, and have messages.
"""

from collections import deque
from functools import lru_cache, partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import repeat
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import SchemaValidator, core_schema

from .contract import Contract, columns_of
from .forms import is_usual, may_be_tiny
from .rows import Block

# Types of pydantic's core schema whose JSON is a number or a word, and those whose JSON is a text.
RAW = {"int", "float", "bool"}
TEXT = {"str", "date", "datetime", "time", "timedelta", "uuid", "decimal", "url", "multi-host-url"}
ADDRESSES = {IPv4Address, IPv4Network, IPv6Address, IPv6Network}
# Characters of numbers in JSON, and of `true` and `false`: no others, so that `null` is refused.
RAW_CELLS = b"0123456789+-.eE,truefals"
# What a model has: its values, and the names that were given, beside what a contract has not.
SLOTS = [
    BaseModel.__dict__[name].__set__
    for name in (
        "__dict__",
        "__pydantic_fields_set__",
        "__pydantic_extra__",
        "__pydantic_private__",
    )
]
Read = partial[list[Any]]  # a function of the cells


class ColumnReader:
    """Reader of rows that are valid, from their cells.

    Attributes:
        raw: Whether a cell of each column is a number or a word in JSON, not a text.
    """

    def __init__(self, contract: type[Contract], names: tuple[str, ...]) -> None:
        """Prepare to read rows with these columns.

        Raises:
            LookupError: A field may mean another value in JSON than in text, a record is more than
                its fields, or a column is missing.
        """
        columns = columns_of(contract)
        fields = [columns[name] for name in names]
        if sorted(fields) != sorted(contract.model_fields):
            raise LookupError
        readers = _readers(contract)
        self._contract, self._fields = contract, tuple(contract.model_fields)
        self.raw = [readers[field].func is _read_raw for field in fields]
        # Numbers first: there most invalid cells are found before any is validated.
        order = sorted(range(len(fields)), key=lambda at: not self.raw[at])
        self._readers = [(fields[at], at, readers[fields[at]]) for at in order]
        self._used = contract.table.columns()
        ordered = contract.table.ordered or ""
        self._ordered = fields.index(ordered) if has_plain_time(contract, ordered) else None

    def read(
        self, first: int, texts: list[str], cells: list[list[str]], *, make: bool
    ) -> Block | None:
        """Return rows as a block; None if one of them is not valid, or has to be read alone.

        Args:
            first: Number of the first row.
            texts: The rows.
            cells: The cells of each column.
            make: Whether records are made.
        """
        try:
            columns = {name: read(cells[at]) for name, at, read in self._readers}
        except Exception:  # noqa: BLE001 (validators may raise anything; each row has its message)
            return None
        if any(len(column) != len(texts) for column in columns.values()):
            return None
        values = [columns[name] for name in self._fields]
        records = _records(self._contract, values) if make else None
        used = {name: columns[name] for name in self._used}
        ordered = [] if self._ordered is None else cells[self._ordered]
        return Block(first, texts, records, used, ordered if is_usual(ordered) else None)


@lru_cache(maxsize=100)
def column_reader(contract: type[Contract], names: tuple[str, ...]) -> ColumnReader | None:
    """Return a reader of rows with these columns; None if they have to be read one by one.

    Each block of JSON Lines asks for it until its first line has a form.
    """
    try:
        return ColumnReader(contract, names)
    except LookupError:
        return None


def has_plain_time(contract: type[Contract], field: str) -> bool:
    """Return whether a field is a time that no validator changes: its text may stand for it."""
    schema: Any = contract.__pydantic_core_schema__
    fields = schema["schema"].get("fields", {}) if schema["type"] == "model" else {}
    return field in fields and _is_guarded_time(fields[field]["schema"])


def _readers(contract: type[Contract]) -> dict[str, Read]:
    """Return what reads the column of each field.

    Raises:
        LookupError: A record is more than its fields, or a field has to be read as text.
    """
    schema: Any = contract.__pydantic_core_schema__
    if schema["type"] != "model" or schema.get("custom_init") or schema.get("post_init"):
        raise LookupError
    if contract.__private_attributes__ or contract.model_config.get("extra") == "allow":
        raise LookupError
    readers: dict[str, Read] = {}
    for name, info in contract.model_fields.items():
        field = schema["schema"]["fields"][name]["schema"]
        is_raw, type_ = _is_raw(field, info), _bare_type(field)
        validator = _list_validator(field, schema)
        if is_raw:
            # In JSON, 1.0 is one of the values of an enum.
            is_whole = type_ in {"literal", "enum"} or not {int, float, bool} & _types(info)
            readers[name] = partial(_read_raw, validator, "." if is_whole else " ")
        elif _is_guarded_time(field):
            quick = _list_validator(field["lax_schema"], schema)
            readers[name] = partial(_read_times, quick, validator)
        else:
            is_text = type_ in {"str", "literal"}
            readers[name] = partial(_read_text if is_text else _read_quoted, validator)
    return readers


def _list_validator(field: Any, model: Any) -> SchemaValidator:
    return SchemaValidator(core_schema.list_schema(field), model.get("config"))


def _bare_type(schema: Any) -> str:
    is_wrapped = schema["type"] in {"default", "nullable", "function-after"}
    return str(_bare_type(schema["schema"]) if is_wrapped else schema["type"])


def _read_raw(validator: SchemaValidator, refused: str, cells: list[str]) -> list[Any]:
    text = ",".join(cells)
    is_odd = not text.isascii() or text.encode().translate(None, RAW_CELLS) or refused in text
    # In JSON, -0 is the integer 0; in text, the float -0.0.
    if is_odd or may_be_tiny(text) or ("-" in text and "-0," in f"{text},"):
        raise ValueError("a cell is not a number or a word of JSON, or not the same in text")
    found: list[Any] = validator.validate_json(f"[{text}]")
    return found


def _read_text(validator: SchemaValidator, cells: list[str]) -> list[Any]:
    if "" in cells or not "".join(cells).isprintable():
        raise ValueError("a cell is empty, or is not read as text")
    found: list[Any] = validator.validate_python(cells)
    return found


def _read_quoted(validator: SchemaValidator, cells: list[str]) -> list[Any]:
    text = '","'.join(cells)
    if "\\" in text or "" in cells:
        raise ValueError("a cell is empty, or has an escape")
    found: list[Any] = validator.validate_json(f'["{text}"]')
    return found


def _is_guarded_time(schema: Any) -> bool:
    """Return whether the schema of a field is that of a time, and refuses digits."""
    return schema["type"] == "lax-or-strict" and schema["lax_schema"]["type"] == "datetime"


def _read_times(quick: SchemaValidator, validator: SchemaValidator, cells: list[str]) -> list[Any]:
    """Read times; those of one usual form need no check that they are no digits."""
    return _read_quoted(quick if is_usual(cells) else validator, cells)


def _records(contract: type[Contract], columns: list[list[Any]]) -> list[Any]:
    """Return records of values that are validated, as pydantic itself sets them."""
    names = tuple(contract.model_fields)
    records = list(map(contract.__new__, repeat(contract, len(columns[0]))))
    values = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    # A frozen record never changes the set of names.
    is_frozen = contract.model_config.get("frozen")
    given = repeat(set(names)) if is_frozen else map(set, repeat(names))
    for put, items in zip(SLOTS, (values, given, repeat(None), repeat(None)), strict=True):
        deque(map(put, records, items), maxlen=0)
    return records


def _types(info: FieldInfo) -> set[Any]:
    return {info.annotation, *get_args(info.annotation)}


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
