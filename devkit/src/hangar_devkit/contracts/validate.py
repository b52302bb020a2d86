"""The command `hangar contracts validate`: a data file against any contract."""

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from hangar_devkit.contracts.operators import fits_cell
from hangar_devkit.contracts.project import (
    ContractsError,
    Project,
    find,
    json_schema,
    load,
    models,
)
from hangar_devkit.contracts.schema_reader import Field
from hangar_devkit.pyproject import PyprojectError

SHOWN = 10  # invalid rows
SUFFIXES = (".csv", ".jsonl", ".ndjson", ".json")


def main(arguments: list[str]) -> int:
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="hangar contracts validate",
        description="Validate a data file (.csv, .jsonl, .ndjson or .json) by a contract.",
        epilog="exit codes: 0 valid, 1 invalid rows, 2 could not validate",
    )
    parser.add_argument("file", type=Path, help="the data file")
    parser.add_argument(
        "--contract", metavar="NAME", help="the model, needed where there are several"
    )
    parser.add_argument("--root", type=Path, default=Path.cwd(), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    try:
        project = find(options.root.resolve())
        contract = _contract(models(project), options.contract)
        return _validate(project, contract, options.file)
    except (ContractsError, PyprojectError) as error:
        print(f"hangar contracts validate: {error}", file=sys.stderr)
    except OSError as error:
        print(f"hangar contracts validate: {options.file}: {error.strerror}", file=sys.stderr)
    return 2


def _contract(contracts: list[type[BaseModel]], name: str | None) -> type[BaseModel]:
    """Return the contract of a name, or the only one."""
    names = ", ".join(contract.__name__ for contract in contracts) or "none"
    if name is None and len(contracts) == 1:
        return contracts[0]
    if name is None:
        raise ContractsError(f"name a contract by --contract; there are: {names}")
    for contract in contracts:
        if contract.__name__ == name:
            return contract
    raise ContractsError(f"no contract {name!r}; there are: {names}")


def _validate(project: Project, contract: type[BaseModel], path: Path) -> int:
    if project.edge:
        edge: Any = load(project, project.edge)
        if issubclass(contract, edge.Contract):
            return _by_edge(edge, contract, path)
    if path.suffix not in SUFFIXES:
        raise ContractsError(f"{path}: the name must end in {', '.join(SUFFIXES)}")
    count = bad = 0
    try:
        for place, error in _errors(contract, path):
            count += 1
            if error:
                bad += 1
                if bad <= SHOWN:
                    print(f"{path}, {place}: {error}")
    except (csv.Error, ValueError) as error:
        raise ContractsError(f"{path}: {error}") from error
    if bad > SHOWN:
        print(f"{path}: {bad - SHOWN} more invalid rows")
    print(f"{path}: {count - bad} of {count} rows are a valid {contract.__name__}")
    return 1 if bad else 0


def _by_edge(edge: Any, contract: type[BaseModel], path: Path) -> int:  # noqa: ANN401
    """Read a file as the project does, with the rules for the whole table."""
    rows = edge.Load(path, contract)
    try:
        count = rows.validate()
    except edge.EdgeError as error:
        if _is_unreadable(error):
            raise ContractsError(str(error)) from error
        print(error)
        return 1
    print(f"{path}: {count} of {count} rows are a valid {contract.__name__}")
    return 0


def _is_unreadable(error: BaseException | None) -> bool:
    """Return whether an error began with the system, which could not open or read a file."""
    while error and not isinstance(error, OSError):
        error = error.__cause__
    return error is not None


def _errors(contract: type[BaseModel], path: Path) -> Iterator[tuple[str, str]]:
    """Yield each row's place, and why it is invalid; an empty text where it is valid."""
    if path.suffix == ".csv":
        yield from _csv_errors(contract, path)
    elif path.suffix == ".json":
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        rows = document if isinstance(document, list) else [document]
        for number, row in enumerate(rows, 1):
            yield f"record {number}", _error(contract.model_validate_json, json.dumps(row))
    else:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield f"line {number}", _error(contract.model_validate_json, line)


def _csv_errors(contract: type[BaseModel], path: Path) -> Iterator[tuple[str, str]]:
    schema = Field(json_schema(contract))
    for name, field in schema.fields.items():
        if not fits_cell(field):
            raise ContractsError(
                f"{contract.__name__}.{name} does not fit into a cell; use JSON Lines"
            )
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        names = reader.fieldnames or []
        if len(set(names)) < len(names):
            raise ContractsError(f"{path}: the header names a column twice")
        for row in reader:
            if None in row or None in row.values():
                yield f"line {reader.line_num}", f"must have {len(names)} values"
                continue
            values = {
                name: value
                for name, value in row.items()
                if value or name not in schema.fields or name in schema.required
            }
            yield f"line {reader.line_num}", _error(contract.model_validate_strings, values)


def _error(validate: Any, row: object) -> str:  # noqa: ANN401 - a method of the model
    """Return why a row is invalid; an empty text where it is valid."""
    try:
        validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the record"
        return f"{place}: {first['msg']}"
    except Exception as error:  # noqa: BLE001 - validators of the project may raise anything
        return str(error) or type(error).__name__
    return ""
