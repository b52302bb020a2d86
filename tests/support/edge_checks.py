"""What a project's edge makes of generated contracts, compared with the contract itself.

A contract decides in one place only: a table, a file and what is read back must say the same. Each
check raises `FindingError` for a difference, and `NotCheckedError` where nothing was compared.
"""

import csv
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, get_args

import polars as pl
from pydantic import BaseModel, TypeAdapter
from pydantic_core import to_json

from hangar_devkit.contracts.examples import example
from tests.support.models import PROBES, Draft, accepts, keys
from tests.support.verdicts import valid_record

PROBED = 5  # values that are tried in each column
DATES = ("date", "PastDate", "FutureDate")
MOMENTS = ("datetime", "AwareDatetime", "NaiveDatetime", "PastDatetime", "FutureDatetime")
# Types of a column whose cells are no JSON -> the type of a cell.
NATIVE = {
    **dict.fromkeys(DATES, date),
    **dict.fromkeys(MOMENTS, datetime),
    "time": time,
    "timedelta": timedelta,
}
DIGITS = ("0", "1767600000", "1767600000.5")
FINER = ".1234567"  # than microseconds
# Type -> texts that pydantic would read as a value of it, each by a guess, in a strict model too.
GUESSES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(DATES, (*DIGITS, "2024-02-29T00:00:00")),
    **dict.fromkeys(MOMENTS, (*DIGITS, f"2024-02-29T10:00:00{FINER}Z", "2024-02-29")),
    "time": (f"10:00:00{FINER}",),
    "timedelta": (f"PT1{FINER}S",),
    "Decimal": ("1_0", " 1", "1 ", "\u0661"),
}
# Those of a cell only: in JSON a text is not a number.
CELL_GUESSES = {
    "int": ("1_0", "1.0", " 1", "1e1"),
    "float": ("1_0", " 1", "1e-400"),
    "bool": ("yes", "on", "t", "n"),
    "IntEnum": ("1.0", " 1"),
}


class FindingError(Exception):
    """A tool does not agree with the contract; the message says how."""


class NotCheckedError(Exception):
    """A check says nothing about a case; the message is the reason."""


def check_table(edge: Any, draft: Draft, seed: int) -> None:
    """Check that a table refuses the rows that the contract refuses, and no others."""
    contract = draft.build()
    frame = _frame(draft, contract, Random(seed))
    rows = list(frame.iter_rows(named=True))
    refused = [number for number, row in enumerate(rows) if not _accepts(contract, row)]
    try:
        found = edge.tables.split_table(frame, contract)[1]["row"].to_list()
    except edge.EdgeError as error:
        if len(refused) < len(rows):
            raise FindingError(f"the table is refused, a record is not: {error}") from error
        return
    if found != refused:
        number = min(set(found) ^ set(refused))
        verdict = "refuses" if number in found else "accepts"
        raise FindingError(f"the table alone {verdict} {rows[number]!r}")
    try:
        edge.tables.check_table(frame, contract)
    except edge.EdgeError:
        found = [1]
    if bool(found) != bool(refused):
        raise FindingError(f"check_table and split_table differ for {rows!r}")


def _frame(draft: Draft, contract: type[BaseModel], random: Random) -> pl.DataFrame:
    """Return a table of valid records, each with one other value that a column can hold."""
    valid = valid_record(contract, random.randrange(1000))
    names = keys(contract)
    rows = [valid]
    for field, name in names.items():
        if name in valid:
            native = _native(draft.fields[field])
            like = [each for each in PROBES if _is_like(each, valid[name], native)]
            probes = random.sample(like, min(PROBED, len(like)))
            rows += [{**valid, name: each} for each in probes]
    columns: dict[str, list[Any]] = {}
    for field, name in names.items():
        if any(name in row for row in rows):
            native = _native(draft.fields[field])
            columns[name] = [_cell(row.get(name), native) for row in rows]
    try:
        return pl.DataFrame(columns, strict=False)
    except Exception as error:
        raise NotCheckedError("no column can hold its values") from error


def _native(field: tuple[str, Any, Any, Any]) -> type | None:
    """Return the type of the cells of a column whose values are no JSON."""
    type_, annotation, *_ = field
    return NATIVE.get(type_) or (
        date if type_ == "Optional" and date in get_args(annotation) else None
    )


def _is_like(probe: Any, value: Any, native: type | None) -> bool:
    """Return whether a column that has a value may have a probe as well."""
    if native:
        cell, other = _cell(probe, native), _cell(value, native)
        has_zone = getattr(cell, "tzinfo", None) is None
        return type(cell) is type(other) and has_zone == (getattr(other, "tzinfo", None) is None)
    return type(probe) is type(value) and not (isinstance(probe, int) and abs(probe) > 2**60)


def _cell(value: Any, type_: type | None) -> Any:
    if type_ is None or not isinstance(value, str):
        return value
    with suppress(ValueError):
        return TypeAdapter(type_).validate_python(value)
    return None


def _accepts(contract: type[BaseModel], row: dict[str, Any]) -> bool:
    return accepts(contract, json.loads(to_json(row, inf_nan_mode="constants")))


def check_saved(edge: Any, draft: Draft, seed: int, name: str) -> None:
    """Check that what is saved is read back equal, and that only what cannot be is refused."""
    contract = draft.build()
    # As many as are read at once.
    records = [example(contract, Random(seed + number)) for number in range(3)] * 4
    with TemporaryDirectory() as directory:
        path = Path(directory, name)
        try:
            with edge.saving(path, contract) as write:
                for record in records:
                    write(record)
        except edge.EdgeError as error:
            if _reads_back(contract, record, is_csv=name.endswith("csv")):
                raise FindingError(f"not saved: {error}") from error
            return
        found = list(edge.Load(path, contract))
    if len(found) != len(records) or not all(map(_is_same, found, records)):
        raise FindingError(f"{records!r} are read back as {found!r}")


def _reads_back(contract: Any, record: Any, *, is_csv: bool) -> bool:
    """Return whether pydantic reads back what it writes, as JSON or as one text a cell."""
    values = json.loads(record.model_dump_json(by_alias=True, round_trip=True))
    try:
        if not is_csv:
            found = contract.model_validate_json(json.dumps(values))
        elif any(isinstance(each, list | dict) for each in values.values()):
            return False
        elif list(values.values()) == [None]:
            return False  # a blank line is no row
        else:
            texts = {name: str(each) for name, each in values.items() if each is not None}
            found = contract.model_validate_strings(texts)
    except ValueError:
        return False
    return _is_same(found, record)


def _is_same(one: BaseModel, other: BaseModel) -> bool:
    """Return whether records are equal, or differ only in that NaN is not equal to itself."""
    has_secret = "Secret" in _shown(one)  # which is shown as asterisks, whatever it is
    return one == other or (not has_secret and _shown(one) == _shown(other))


def _shown(record: BaseModel) -> str:
    values = record.__dict__.values()
    return repr(
        [sorted(each, key=repr) if isinstance(each, set | frozenset) else each for each in values]
    )


def check_lines(edge: Any, draft: Draft, seed: int) -> None:
    """Check that a line of JSON is accepted if the contract accepts it, and only then."""
    contract, random = draft.build(), Random(seed)
    valid = valid_record(contract, seed)
    records = [valid]
    for name in keys(contract).values():
        records += [{**valid, name: probe} for probe in random.sample(PROBES, 3 * PROBED)]
    wanted = [number for number, each in enumerate(records, 1) if not accepts(contract, each)]
    with TemporaryDirectory() as directory:
        path, rejects = Path(directory, "r.jsonl"), Path(directory, "rejects.jsonl")
        path.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
        list(edge.Load(path, contract, rejects=rejects))
        lines = rejects.read_text(encoding="utf-8").splitlines() if rejects.exists() else []
    found = [json.loads(line)["row"] for line in lines]
    if found != wanted:
        record = records[min(set(found) ^ set(wanted)) - 1]
        raise FindingError(f"a line and the record differ for {record!r}")


def check_cells(edge: Any, draft: Draft, seed: int) -> None:
    """Check that a row of text means what pydantic reads in text, or is refused.

    The edge refuses more: what pydantic would guess.
    """
    contract, random = draft.build(), Random(seed)
    texts = [str(each) for each in PROBES if isinstance(each, str | int | float)]
    names = list(keys(contract).values())
    with TemporaryDirectory() as directory:
        path = Path(directory, "r.csv")
        for _ in range(PROBED):
            cells = {name: random.choice(texts) for name in names}
            row = ",".join('"' + each.replace('"', '""') + '"' for each in cells.values())
            path.write_text(f"{','.join(names)}\n{row}\n", encoding="utf-8")
            plain = ",".join(cells.values())
            quoted = _loaded(edge, path, contract)
            if plain.count(",") == len(names) - 1 and "" not in cells.values():
                path.write_text(f"{','.join(names)}\n{plain}\n", encoding="utf-8")
                if repr(quoted) != repr(_loaded(edge, path, contract)):
                    raise FindingError(f"quotes change the meaning of {cells}")
            if quoted is not None:
                _require_same(contract, cells, quoted)


def check_guesses(edge: Any, draft: Draft, seed: int) -> None:
    """Check that a text is refused where pydantic would guess what it means."""
    contract = draft.build()
    valid, names = valid_record(contract, seed), keys(contract)
    with TemporaryDirectory() as directory:
        lines, cells = Path(directory, "r.jsonl"), Path(directory, "r.csv")
        for field, (type_, *_) in draft.fields.items():
            for text in (*GUESSES.get(type_, ()), *CELL_GUESSES.get(type_, ())):
                record = {**valid, names[field]: text}
                lines.write_text(json.dumps(record), encoding="utf-8")
                with cells.open("w", encoding="utf-8", newline="") as file:
                    rows = csv.DictWriter(file, record)
                    rows.writeheader()
                    rows.writerow(record)
                for path in (lines, cells):
                    if _loaded(edge, path, contract) is not None:
                        raise FindingError(f"{text!r} is read as {type_} from {path.name}")
            if type_ in {"JsonValue", "Any"}:
                text = json.dumps(valid | {names[field]: 0}).replace(": 0", ": 1e-400")
                lines.write_text(text, encoding="utf-8")
                if _loaded(edge, lines, contract) is not None:
                    raise FindingError("1e-400 is read as 0")


def _loaded(edge: Any, path: Path, contract: Any) -> Any:
    try:
        return next(iter(edge.Load(path, contract)), None)
    except edge.EdgeError:
        return None


def _require_same(contract: Any, cells: dict[str, str], found: Any) -> None:
    try:
        wanted = contract.model_validate_strings(cells)
    except ValueError:
        return  # such as a number of a list, which pydantic does not read in text
    if repr(wanted) != repr(found):
        raise FindingError(f"{cells} are read as {found!r}, not as {wanted!r}")


CHECKS: dict[str, Callable[[Any, Draft, int], None]] = {
    "table": check_table,
    "JSON Lines": check_lines,
    "CSV": check_cells,
    "guesses": check_guesses,
    "saved as CSV": lambda edge, draft, seed: check_saved(edge, draft, seed, "s.csv"),
    "saved as JSON Lines": lambda edge, draft, seed: check_saved(edge, draft, seed, "s.jsonl"),
}
