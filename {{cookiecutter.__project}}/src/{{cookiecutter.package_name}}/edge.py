"""The edge: rows of a file become checked models, or rejects that say why."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


class EdgeError(Exception):
    """The file as a whole cannot be read; the message says why and where."""


@dataclass(frozen=True)
class Accepted(Generic[Model]):
    """A row that keeps its contract."""

    line: int
    model: Model


@dataclass(frozen=True)
class Rejected:
    """A row that breaks its contract, and how."""

    line: int
    reason: str


def read_csv(path: Path, contract: type[Model]) -> Iterator[Accepted[Model] | Rejected]:
    """Read a UTF-8 CSV file with a header, one row at a time.

    Args:
        path: The file.
        contract: What each row must be.

    Yields:
        One result for each row, in the order of the file.

    Raises:
        EdgeError: The file is missing, is not UTF-8 text, or lacks a column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            required = {
                name for name, field in contract.model_fields.items() if field.is_required()
            }
            missing = sorted(required - set(rows.fieldnames or ()))
            if missing:
                raise EdgeError(f"{path}: no column {', '.join(missing)} in the header")
            for row in rows:
                yield _check(rows.line_num, row, contract)
    except OSError as error:
        raise EdgeError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise EdgeError(f"{path}: not UTF-8 text (byte {error.start})") from error
    except csv.Error as error:
        raise EdgeError(f"{path}: not CSV: {error}") from error


def _check(
    line: int, row: dict[str | None, object], contract: type[Model]
) -> Accepted[Model] | Rejected:
    if None in row:
        return Rejected(line, "more values than the header has columns")
    try:
        return Accepted(line, contract.model_validate(row))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return Rejected(line, f"{place}: {first['msg']}, got {first['input']!r}")
