"""Rows of Parquet and Arrow files, through Polars where it is installed."""

from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from pydantic import PydanticUserError, TypeAdapter
from pydantic_core import PydanticSerializationError, to_json

from .contract import Contract, columns_of
from .errors import EdgeError, Problem, explain
from .rows import Row

Model = TypeVar("Model", bound=Contract)
FRAMES = (".parquet", ".arrow", ".feather", ".ipc")
JSON_TYPES = (str, int, float, list, dict)
ROWS = 10_000  # that are read at once


def frame_rows(path: Path, contract: type[Model]) -> Iterator[Row[Model]]:
    """Read the rows of a file of columns, some at a time.

    Args:
        path: The file.
        contract: Contract of each row.

    Yields:
        Number of the row (from 1), its values, the model or the problems, and no text.

    Raises:
        EdgeError: The file cannot be read, or Polars is not installed.
    """
    pl = _polars()
    scan = pl.scan_parquet if path.suffix.lower() == ".parquet" else pl.scan_ipc
    try:
        frame = scan(path)
        count = frame.select(pl.len()).collect().item()
        convert = converters(contract)
        for start in range(0, count, ROWS):
            part = frame.slice(start, ROWS).collect()
            finer = _finer_than_microseconds(part)
            for number, values in enumerate(part.iter_rows(named=True), start + 1):
                outcome = finer.get(number - start - 1) or _record(values, contract, convert)
                yield number, str(values), outcome, None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise EdgeError(str(error).splitlines()[0]) from error


def _polars() -> Any:
    try:
        return import_module("polars")
    except ModuleNotFoundError:
        raise EdgeError("needs Polars to be read; run `uv add polars`") from None


def _finer_than_microseconds(part: Any) -> dict[int, tuple[Problem, ...]]:
    """Return the rows with a time that a record cannot hold."""
    pl = _polars()
    found: dict[int, tuple[Problem, ...]] = {}
    for name, dtype in part.schema.items():
        if dtype == pl.Time or getattr(dtype, "time_unit", None) == "ns":
            reason = "has more than six decimals of a second"
            problem = Problem(name, "", "microseconds", reason)
            rows = part.select((pl.col(name).to_physical() % 1000 != 0).arg_true()).to_series()
            found |= {row: (*found.get(row, ()), problem) for row in rows}
    return found


def _record(values: dict[str, Any], contract: type[Model], convert: dict[str, Any]) -> Any:
    try:
        return validated(values, contract, convert)
    except Exception as error:  # noqa: BLE001 (validators may raise anything)
        return explain(error)


def converters(contract: type[Contract]) -> dict[str, TypeAdapter[Any]]:
    """Return what reads each column alone."""
    columns = columns_of(contract).items()
    return {name: _adapter(contract.model_fields[field], contract) for name, field in columns}


def _adapter(field: Any, contract: type[Contract]) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(field.annotation, config=contract.model_config)
    except PydanticUserError:  # a model brings its own configuration
        return TypeAdapter(field.annotation)


def validated(
    values: dict[str, Any], contract: type[Model], convert: dict[str, TypeAdapter[Any]]
) -> Model:
    """Return the record of a row; a cell of text may hold what JSON writes, such as an address.

    Args:
        values: The row, by column.
        contract: Contract of the row.
        convert: What reads each column alone.

    Raises:
        ValidationError: The row is invalid.
    """
    validator = contract.__pydantic_validator__
    names = convert.keys() & values.keys()
    odd = [values[name] for name in names if not _fits(values[name], convert[name])]
    record: Model
    if odd and all(isinstance(each, JSON_TYPES) for each in odd):
        with suppress(PydanticSerializationError):  # such as bytes that are not UTF-8
            record = validator.validate_json(to_json(values, inf_nan_mode="constants"))
            return record
    record = validator.validate_python(values)
    return record


def _fits(value: object, adapter: TypeAdapter[Any]) -> bool:
    try:
        adapter.validate_python(value)
    except Exception:  # noqa: BLE001 (validators may raise anything)
        return False
    return True
