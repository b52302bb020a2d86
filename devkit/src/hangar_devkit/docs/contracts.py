"""The page of the data contracts, read from their JSON Schemas."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from hangar_devkit.docs.registry import PageError

Schema = dict[str, Any]

HEAD = """\
# Data contracts

The fields of the data that the program accepts. Each contract is a pydantic model in `schemas/`,
exported as JSON Schema (2020-12) to `contracts/` for other programs and languages.
"""
# keyword of JSON Schema -> text
RULES = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "matches `{}`",
    "const": "is `{}`",
}
# keyword of `x-table` -> text
TABLE = {
    "key": "each row once, by",
    "ordered": "rows in the order of",
    "least": "rows at least",
    "most": "rows at most",
}


def page(root: Path) -> str:
    """Describe every contract that is exported.

    Raises:
        PageError: A schema is not JSON.
    """
    paths = sorted((root / "contracts").glob("*.schema.json"))
    if not paths:
        return f"{HEAD}\nThere are none yet.\n"
    examples = _examples(root)
    return "\n".join([HEAD, *(part for path in paths for part in _contract(path, examples))])


def _examples(root: Path) -> dict[str, str]:
    """Generate a valid record of each contract, the same ones each time."""
    # pydantic is a dependency of the project, and only this page needs it.
    from hangar_devkit.contracts.examples import example  # noqa: PLC0415
    from hangar_devkit.contracts.project import contracts  # noqa: PLC0415

    records = (example(contract, Random(0)) for contract in contracts(root))
    return {type(record).__name__: record.model_dump_json(indent=2) for record in records}


def _contract(path: Path, examples: dict[str, str]) -> Iterator[str]:
    try:
        schema: Schema = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise PageError(f"{path}: not JSON: {error}") from error
    definitions: Schema = schema.get("$defs", {})
    title = schema.get("title", path.name.removesuffix(".schema.json"))
    yield f"## {title}\n"
    yield f"{schema.get('description', '').strip()}\n\nSchema: `contracts/{path.name}`\n"
    yield _fields(schema, definitions)
    yield from _table(schema.get("x-table", {}))
    if title in examples:
        yield f"For example:\n\n```json\n{examples[title]}\n```\n"
    for name, definition in definitions.items():
        yield f"### {name}\n\n{definition.get('description', '').strip()}\n"
        yield (
            _fields(definition, definitions)
            if "properties" in definition
            else (f"{_type(definition, definitions)} {_rules(definition)}\n")
        )


def _fields(schema: Schema, definitions: Schema) -> str:
    rows = ["| Field | Type | Rules | Meaning |", "| --- | --- | --- | --- |"]
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        rules = _rules(field)
        if name not in required:
            rules = "; ".join(filter(None, [rules, _default(field)]))
        cells = f"`{name}`", _type(field, definitions), rules, field.get("description", "")
        rows.append(f"| {' | '.join(' '.join(cell.split()) for cell in map(_cell, cells))} |")
    if schema.get("additionalProperties") is False:
        rows.append("\nOther fields are refused.")
    return "\n".join(rows) + "\n"


def _table(rules: Schema) -> Iterator[str]:
    """Describe the rules for a table, as `hangar_devkit.contracts` reads `x-table`."""
    words = [
        f"{name} {', '.join(f'`{v}`' for v in (value if isinstance(value, list) else [value]))}"
        for keyword, name in TABLE.items()
        if (value := rules.get(keyword)) is not None
    ]
    if words:
        yield f"In a table: {'; '.join(words)}.\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default(field: Schema) -> str:
    return f"default `{json.dumps(field['default'])}`" if "default" in field else "optional"


def _type(field: Schema, definitions: Schema) -> str:
    """Describe a type, such as `string (date-time)` or `list of number`."""
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    for word in ("anyOf", "oneOf"):
        if word in field:
            return " or ".join(_type(option, definitions) for option in field[word])
    if "enum" in field:
        return " or ".join(f"`{json.dumps(value)}`" for value in field["enum"])
    kind = str(field.get("type", "anything"))
    if kind == "array" and isinstance(field.get("items"), dict):
        return f"list of {_type(field['items'], definitions)}"
    return f"{kind} ({field['format']})" if "format" in field else kind


def _rules(field: Schema) -> str:
    own = [words.format(field[keyword]) for keyword, words in RULES.items() if keyword in field]
    options = [_rules(option) for word in ("anyOf", "oneOf") for option in field.get(word, [])]
    return "; ".join(filter(None, [*own, *options]))
