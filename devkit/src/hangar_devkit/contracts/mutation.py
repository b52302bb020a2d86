"""Contract mutation: damages good data in twenty ways and says which damage would pass the edge."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import BaseModel

from .damage import DAMAGES, Column, Table
from .examples import resolve, table
from .project import ContractsError, load

ROWS = 50


@dataclass
class Score:
    """What became of each kind of damage.

    Attributes:
        contract: The contract's name.
        noticed: Kinds of damage that the edge noticed wherever they were done.
        passed: Kind of damage -> the places where it was let through.
        needless: Kinds that cannot be done to this contract, such as a wrong enum without an enum.
    """

    contract: str
    noticed: list[str] = field(default_factory=list)
    passed: dict[str, list[str]] = field(default_factory=dict)
    needless: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Say the score, and what is let through."""
        count = len(self.noticed) + len(self.passed)
        lines = [f"{self.contract}: {len(self.noticed)} of {count} kinds of damage are noticed"]
        lines += [f"  let through: {kind} ({', '.join(at)})" for kind, at in self.passed.items()]
        if self.needless:
            lines.append(f"  do not apply: {', '.join(self.needless)}")
        return "\n".join(lines)


def run(contract: type[BaseModel], root: Path) -> Score:
    """Damage good data of a contract in every way, at every place, and load it at the edge.

    Args:
        contract: What to try.
        root: The project, whose own edge is used.

    Returns:
        The score.

    Raises:
        ContractsError: The edge refuses good data, so that nothing can be said.
    """
    random = Random(contract.__name__)
    try:
        records = [each.model_dump(mode="json") for each in table(contract, ROWS, random)]
    except ValueError as error:
        raise ContractsError(str(error)) from error
    good = Table(columns(contract), records, contract.model_json_schema().get("x-table", {}))
    write = _csv if all(column.flat for column in good.columns) else _json_lines
    with TemporaryDirectory() as directory:
        path = Path(directory, "data.csv" if write is _csv else "data.jsonl")
        edge = load(root, "edge")

        def refused(text: str) -> str:
            path.write_text(text, encoding="utf-8")
            return _refused(edge, path, contract)

        if problem := refused(write(good)):
            raise ContractsError(f"the edge refuses good data of {contract.__name__}: {problem}")
        return _score(contract.__name__, good, write, refused)


def columns(contract: type[BaseModel]) -> list[Column]:
    """Describe a contract's fields by what their schema allows, null aside."""
    root = contract.model_json_schema()
    required = root.get("required", [])
    return [
        Column(name, name in required, _plain(schema, root))
        for name, schema in root.get("properties", {}).items()
    ]


def _plain(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        schema = resolve(schema, root)
    rest = [each for each in schema.get("anyOf", []) if each.get("type") != "null"]
    return _plain(rest[0], root) if len(rest) == 1 else schema


def _score(
    name: str, good: Table, write: Callable[[Table], str], refused: Callable[[str], str]
) -> Score:
    score = Score(name)
    for kind, damage in DAMAGES.items():
        places, passed = 0, []
        for place, bad in damage(good):
            places += 1
            text = bad if isinstance(bad, str) else write(bad)
            if not refused(text):
                passed.append(place)
        if passed:
            score.passed[kind] = passed
        else:
            (score.noticed if places else score.needless).append(kind)
    return score


def _refused(edge: Any, path: Path, contract: type[BaseModel]) -> str:  # noqa: ANN401
    """Return why the edge refuses a file, or a row of it; empty when all is accepted."""
    try:
        for _ in edge.Load(path, contract):
            pass
    except edge.EdgeError as error:
        return str(error)
    return ""


def _csv(good: Table) -> str:
    file = io.StringIO()
    names = good.header()
    writer = csv.DictWriter(file, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(good.records)
    return file.getvalue()


def _json_lines(good: Table) -> str:
    return "".join(json.dumps(record) + "\n" for record in good.records)
