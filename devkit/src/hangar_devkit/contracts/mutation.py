"""Contract mutation: which broken data a contract lets through."""

import csv
import io
import json
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import BaseModel, ValidationError

from hangar_devkit.contracts.examples import Examples, json_keys
from hangar_devkit.contracts.operators import OPERATORS, Table, fits_cell
from hangar_devkit.contracts.project import ContractsError, json_schema
from hangar_devkit.contracts.schema_reader import Field

ROWS = 50
UNREADABLE = "records cannot be read again once they are written"
# Returns why a table is refused; an empty text when it is accepted.
Reader = Callable[[Table], str]


@dataclass
class Score:
    """The result of each mutation operator.

    Attributes:
        contract: The contract's name.
        killed: Operators whose mutants were all refused.
        survived: Operator -> where its mutants were accepted.
        not_applicable: Operators without a mutant of this contract, and why.
    """

    contract: str
    killed: list[str] = field(default_factory=list)
    survived: dict[str, list[str]] = field(default_factory=dict)
    not_applicable: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Format the score, with a line for each operator that survived, and each reason."""
        count = len(self.killed) + len(self.survived)
        lines = [f"{self.contract}: {len(self.killed)} of {count} mutation operators killed"]
        if not count:
            return f"{self.contract}: not checked: {', '.join(set(self.not_applicable.values()))}"
        lines += [f"  survived: {name} ({', '.join(at)})" for name, at in self.survived.items()]
        for reason in dict.fromkeys(self.not_applicable.values()):
            names = [name for name, why in self.not_applicable.items() if why == reason]
            lines.append(f"  not applicable, {reason}: {', '.join(names)}")
        wrapped = [textwrap.fill(line, 80, subsequent_indent="    ") for line in lines]
        return "\n".join(wrapped)

    def add(self, name: str, results: dict[str, str], reason: str) -> None:
        """Add the result of an operator: where it was applied, and why that was refused.

        Args:
            name: The operator.
            results: Location -> why the mutant is refused; an empty text when it is accepted.
            reason: Why there is no result, if there is none.
        """
        survived = [location for location, refused in results.items() if not refused]
        if survived:
            self.survived[name] = survived
        elif results:
            self.killed.append(name)
        else:
            self.not_applicable[name] = reason


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
        reason = "the model has no fields"
        return Score(contract.__name__, not_applicable={each.name: reason for each in OPERATORS})
    if "x-array" in json.dumps(schema.own):
        reason = "arrays are no JSON, which is what is mutated"
        return Score(contract.__name__, not_applicable={each.name: reason for each in OPERATORS})
    try:
        drawn = Examples(contract).table(ROWS, Random(contract.__name__))
    except Exception as error:  # validators and serializers of the project may raise anything
        raise ContractsError(_one_line(str(error) or type(error).__name__)) from error
    rows = [values for _, values in drawn]
    valid = Table(schema.fields, schema.required, rows, schema.table)
    if edge is None or not issubclass(contract, edge.Contract):
        return _score(contract, valid, partial(_validate, contract), whole_tables=False)
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
        if operator.whole_table and not whole_tables:
            score.not_applicable[operator.name] = "pydantic reads records, not tables"
            continue
        read = partial(_validate, contract) if operator.in_json else reader
        results = {
            location: read(mutant)
            for location, mutant in operator.apply(valid)
            if mutant.records != valid.records
        }
        score.add(operator.name, results, operator.reason)
    _add_model_checks(score, contract, valid.records)
    return score


def _add_model_checks(
    score: Score, contract: type[BaseModel], records: list[dict[str, Any]]
) -> None:
    """Check what the model does with valid data: a record stays as it was read."""
    record = contract.model_validate_json(json.dumps(records[0]))
    name = next(iter(contract.model_fields))
    try:
        setattr(record, name, getattr(record, name))
    except ValidationError as error:
        frozen = str(error)
    else:
        frozen = ""
    score.add("record changed after it was validated", {"all": frozen}, "")
    score.add("value changed by a validator", _changed_values(contract, records), UNREADABLE)


def _changed_values(contract: type[BaseModel], records: list[dict[str, Any]]) -> dict[str, str]:
    """Return the fields whose values differ once a record is written and read again."""
    changed: dict[str, str] = {}
    for each in records:
        try:
            once = _json_values(contract.model_validate_json(json.dumps(each)))
            twice = _json_values(contract.model_validate_json(json.dumps(once)))
        except Exception:  # noqa: BLE001 - serializers of the project may raise anything
            return {}
        changed |= {key: "" for key, value in twice.items() if value != once.get(key)}
    return changed or {"all": "every value is kept"}


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
    flat = all(map(fits_cell, mutant.fields.values())) and not _has_empty(mutant)
    path = directory / ("data.csv" if flat else "data.jsonl")
    path.write_text((_csv if flat else _json_lines)(mutant), encoding="utf-8")
    try:
        for _ in edge.Load(path, contract):
            pass
    except edge.EdgeError as error:
        return str(error)
    return ""


def _has_empty(mutant: Table) -> bool:
    """Return whether there are values of which a cell cannot say if they are missing."""
    names = {name for name in mutant.required if mutant.fields[name].nullable}
    texts = {name for name, field in mutant.fields.items() if "string" in field.types}
    return any(
        record.get(name) is None for record in mutant.records for name in names & record.keys()
    ) or any(record.get(name) == "" for record in mutant.records for name in texts)


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
