"""Contract mutation: which broken data a contract lets through."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import BaseModel

from hangar_devkit.contracts.examples import json_keys, table
from hangar_devkit.contracts.operators import OPERATORS, Table, fits_cell
from hangar_devkit.contracts.project import ContractsError, json_schema
from hangar_devkit.contracts.schema import Field

ROWS = 50
# Returns why a table is refused; an empty text when it is accepted.
Reader = Callable[[Table], str]


@dataclass
class Score:
    """The result of each mutation operator.

    Attributes:
        contract: The contract's name.
        killed: Operators whose mutants were all refused.
        survived: Operator -> where its mutants were accepted.
        not_applicable: Operators without a mutant of this contract, such as one of a list of
            values where there is no such list.
    """

    contract: str
    killed: list[str] = field(default_factory=list)
    survived: dict[str, list[str]] = field(default_factory=dict)
    not_applicable: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Format the score, with a line for each operator that survived."""
        count = len(self.killed) + len(self.survived)
        lines = [f"{self.contract}: {len(self.killed)} of {count} mutation operators killed"]
        lines += [f"  survived: {name} ({', '.join(at)})" for name, at in self.survived.items()]
        if self.not_applicable:
            lines.append(f"  not applicable: {', '.join(self.not_applicable)}")
        return "\n".join(lines)


def run(contract: type[BaseModel], edge: Any = None) -> Score:  # noqa: ANN401 (a module of the project)
    """Apply every mutation operator to valid data of a contract, and try to read the mutants.

    Args:
        contract: The contract.
        edge: The package of the project that reads files. Without it, or for a model that is not a
            contract of its, pydantic validates each record, and the operators on whole tables do
            not apply.

    Raises:
        ContractsError: No valid data can be generated, or the reader refuses it.
    """
    schema = Field(json_schema(contract))
    if not schema.fields:
        return Score(contract.__name__, not_applicable=[each.name for each in OPERATORS])
    try:
        records = table(contract, ROWS, Random(contract.__name__))
    except ValueError as error:
        raise ContractsError(_one_line(str(error))) from error
    rows = [_json_values(record) for record in records]
    valid = Table(schema.fields, schema.required, rows, schema.table)
    if edge is None or not issubclass(contract, edge.Contract):
        reader = partial(_validate, contract)
        return _score(contract, valid, reader, whole_tables=False)
    with TemporaryDirectory() as directory:
        reader = partial(_load, contract, edge, Path(directory))
        return _score(contract, valid, reader, whole_tables=True)


def _json_values(record: BaseModel) -> dict[str, Any]:
    """Return a record as JSON values, by the keys with which it can be validated."""
    dumped = record.model_dump(mode="json", by_alias=True)
    fields = type(record).model_fields
    return {
        key: dumped[alias]
        for name, key in json_keys(type(record)).items()
        if (alias := fields[name].serialization_alias or name) in dumped
    }


def _score(contract: type[BaseModel], valid: Table, reader: Reader, *, whole_tables: bool) -> Score:
    if reason := reader(valid):
        raise ContractsError(
            f"generated data of {contract.__name__} is refused: {_one_line(reason)}"
        )
    score = Score(contract.__name__)
    for operator in OPERATORS:
        results = {
            location: reader(mutant)
            for location, mutant in operator.apply(valid)
            if mutant.records != valid.records and (whole_tables or not operator.whole_table)
        }
        survived = [location for location, reason in results.items() if not reason]
        if survived:
            score.survived[operator.name] = survived
        elif results:
            score.killed.append(operator.name)
        else:
            score.not_applicable.append(operator.name)
    return score


def _validate(contract: type[BaseModel], mutant: Table) -> str:
    """Validate each record by the model alone."""
    try:
        for record in mutant.records:
            contract.model_validate_json(json.dumps(record))
    except Exception as error:  # noqa: BLE001 - validators of the project may raise anything
        return str(error) or type(error).__name__
    return ""


def _load(contract: type[BaseModel], edge: Any, directory: Path, mutant: Table) -> str:  # noqa: ANN401
    """Write a file and read it as the program would."""
    flat = all(map(fits_cell, mutant.fields.values()))
    path = directory / ("data.csv" if flat else "data.jsonl")
    path.write_text((_csv if flat else _json_lines)(mutant), encoding="utf-8")
    try:
        for _ in edge.Load(path, contract):
            pass
    except edge.EdgeError as error:
        return str(error)
    return ""


def _one_line(message: str) -> str:
    """Return the start of a message of pydantic: the count, then the first field and its error."""
    return "; ".join(line.strip() for line in message.splitlines()[:3])


def _csv(data: Table) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, data.header(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(data.records)
    return file.getvalue()


def _json_lines(data: Table) -> str:
    return "".join(json.dumps(record) + "\n" for record in data.records)
