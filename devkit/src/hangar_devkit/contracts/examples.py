"""Valid test data from a contract: values that its JSON Schema allows, repeatable by a seed."""

import json
from random import Random
from typing import Any, TypeVar

from pydantic import AliasChoices, BaseModel

from hangar_devkit.contracts.operators import fits_cell
from hangar_devkit.contracts.project import json_schema
from hangar_devkit.contracts.schema_reader import Field
from hangar_devkit.contracts.values import MAX_ATTEMPTS, PLAIN, Ranges, Values, read_duration

Model = TypeVar("Model", bound=BaseModel)


class Examples:
    """Examples of one contract: its schema is read once.

    Attributes:
        field: The schema of the contract.
    """

    def __init__(self, contract: type[BaseModel], ranges: Ranges = PLAIN) -> None:
        """Read the schema of a contract.

        Raises:
            ContractsError: The contract has no JSON Schema.
        """
        self.field = Field(json_schema(contract))
        self._contract: Any = contract
        self._ranges = ranges
        self._has_arrays = "x-array" in json.dumps(self.field.own)

    def values(self, random: Random) -> Any:  # noqa: ANN401 - a JSON value
        """Return the JSON values of a record, valid unless a rule in code refuses them.

        Raises:
            ValueError: No value can be generated for a field.
        """
        return Values(random, self._ranges).generate(self.field)

    def read(self, values: Any) -> Any:  # noqa: ANN401 - a record of the contract
        """Return the record of JSON values, and of arrays where the contract has some."""
        if self._has_arrays:
            return self._contract.model_validate(values)
        return self._contract.model_validate_json(json.dumps(values))

    def draw(self, random: Random) -> Any:  # noqa: ANN401 - a record of the contract
        """Return a record.

        Raises:
            ValueError: No value can be generated for a field, or a rule in code refuses it.
        """
        return self.read(self.values(random))

    def valid(self, random: Random) -> tuple[Any, Any]:
        """Return a valid record, and the JSON values that it was read from.

        Raises:
            ValueError: None was found.
        """
        problem: Exception | None = None
        for _ in range(MAX_ATTEMPTS):
            try:
                values = self.values(random)
                return self.read(values), values
            except Exception as error:  # noqa: BLE001 - validators may raise anything
                problem = error
        raise ValueError(
            f"no valid {self._contract.__name__} in {MAX_ATTEMPTS} attempts; "
            f"give its fields examples: {problem}"
        ) from problem

    def table(self, rows: int, random: Random) -> list[tuple[Any, Any]]:
        """Return valid records that also keep the table rules, each with its JSON values.

        Raises:
            ValueError: No valid record was found.
        """
        rules = self.field.table
        rows = max(rows, rules.min_rows)
        found: list[tuple[Any, Any]] = []
        keys: set[object] = set()
        for _ in range(rows + (MAX_ATTEMPTS if rules.key else 0)):
            if len(found) >= rows:
                break
            record, values = self.valid(random)
            key = repr([getattr(record, name) for name in rules.key])
            if not rules.key or key not in keys:
                found.append((record, values))
                keys.add(key)
        if rules.ordered:
            found.sort(key=lambda each: sortable(getattr(each[0], rules.ordered)))
        if rules.step is not None:
            found = self._with_steps(found)
        return found

    def _with_steps(self, rows: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
        """Return rows whose ordered values are one step apart in each group.

        Raises:
            ValueError: A row is not valid with its new value.
        """
        rules, groups = self.field.table, dict[str, int]()
        key, start = json_keys(self._contract)[rules.ordered], getattr(rows[0][0], rules.ordered)
        step = read_duration(rules.step) if isinstance(rules.step, str) else rules.step
        found = []
        for record, values in rows:
            group = repr([getattr(record, name) for name in rules.per])
            groups[group] = groups.get(group, -1) + 1
            value = start + step * groups[group]
            # As the contract writes it: a date may have a form of its own.
            moved = record.model_copy(update={rules.ordered: value})
            written = moved.model_dump(mode="json", include={rules.ordered})
            changed = {**values, key: written[rules.ordered]}
            found.append((self.read(changed), changed))
        return sorted(found, key=lambda each: sortable(getattr(each[0], rules.ordered)))


def example(contract: type[Model], random: Random, **values: object) -> Model:
    """Return a valid record.

    Args:
        contract: The model of the record.
        random: The source of randomness; equal seeds give equal records.
        **values: Fields to set, by name; the others are generated.

    Raises:
        ValueError: No valid record was found. A field with rules in code needs
            `Field(examples=[...])`.
        ValidationError: The given values break the contract.
        ContractsError: The contract has no JSON Schema.
    """
    record: Model = Examples(contract).valid(random)[0]
    if not values:
        return record
    keys = json_keys(contract)
    generated = {keys[name]: getattr(record, name) for name in contract.model_fields}
    given = {keys.get(name, name): value for name, value in values.items()}
    return contract.model_validate(generated | given)


def table(contract: type[Model], rows: int, random: Random) -> list[Model]:
    """Return valid records that also keep the contract's table rules.

    Args:
        contract: The model of the records.
        rows: How many to generate; more where the contract requires more, and fewer where it has
            too few different keys.
        random: The source of randomness.
    """
    return [record for record, _ in Examples(contract).table(rows, random)]


def file_types(contract: type[BaseModel]) -> list[str]:
    """Return the types of files that hold records of a contract: CSV holds no nested value."""
    fields = Field(json_schema(contract)).fields.values()
    return [*([".csv"] if all(map(fits_cell, fields)) else []), ".jsonl"]


def json_keys(contract: type[BaseModel]) -> dict[str, str]:
    """Return the JSON key of each field: its validation alias, or its name."""
    keys = {}
    for name, field in contract.model_fields.items():
        alias = field.validation_alias
        if isinstance(alias, AliasChoices):
            alias = alias.choices[0]
        keys[name] = alias if isinstance(alias, str) else name
    return keys


def sortable(value: Any) -> Any:  # noqa: ANN401
    """Return a value that sorts with null first."""
    return (False,) if value is None else (True, value)
