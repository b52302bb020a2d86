"""The generated page of the data contracts, read from their JSON Schemas."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

from hangar_devkit.contracts.schema_reader import Field
from hangar_devkit.docs.registry import PageError

HEAD = """\
# Data contracts

Which data is valid, field by field. Each contract is a pydantic model, exported as JSON Schema
(2020-12) to `contracts/`, where other programs and languages can read it.
"""
# Keyword of JSON Schema -> its text.
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
    "minProperties": "at least {} entries",
    "maxProperties": "at most {} entries",
    "const": "is `{}`",
}
# Rule of `x-rules` -> its text.
OWN_RULES = {
    "gt": "> {}",
    "ge": "≥ {}",
    "lt": "< {}",
    "le": "≤ {}",
    "multiple_of": "a multiple of {}",
    "max_digits": "at most {} digits",
    "decimal_places": "at most {} decimal places",
    "tz_constraint": "time zone: {}",
    "now_op": "in the {}",
    "ascii_only": "ASCII only",
    "utf8": "UTF-8 text when decoded",
}
# Keyword of `x-table` -> its text.
TABLE = {
    "key": "each row once, by",
    "ordered": "rows in the order of",
    "least": "rows at least",
    "most": "rows at most",
}


def page(root: Path) -> str:
    """Describe every exported contract.

    Raises:
        PageError: A schema is not JSON.
    """
    paths = sorted((root / "contracts").glob("*.schema.json"))
    if not paths:
        return f"{HEAD}\nThere is none yet.\n"
    examples = _examples(root)
    return "\n".join([HEAD, *(part for path in paths for part in _contract(path, examples))])


def _examples(root: Path) -> dict[str, str]:
    """Return an example of each contract by its title, the same each time."""
    # Not at the top: most pages need no pydantic.
    from hangar_devkit.contracts.examples import example  # noqa: PLC0415
    from hangar_devkit.contracts.project import ContractsError, find, models  # noqa: PLC0415

    try:
        project = find(root)
    except ContractsError:
        return {}  # the schemas are not exported from models
    examples = {}
    for contract in models(project):
        try:
            record = example(contract, Random(0)).model_dump_json(indent=2)
        except Exception as error:  # noqa: BLE001 - code of the project may raise anything
            reason = (str(error) or type(error).__name__).splitlines()[0]
            examples[contract.__name__] = f"There is no example: {_escape(reason)}\n"
        else:
            examples[contract.__name__] = f"For example:\n\n```json\n{record}\n```\n"
    return examples


def _contract(path: Path, examples: dict[str, str]) -> Iterator[str]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise PageError(f"{path}: not JSON: {error}") from error
    contract = Field(document)
    title = contract.schema.get("title", path.name.removesuffix(".schema.json"))
    yield f"## {title}\n"
    yield f"{contract.schema.get('description', '').strip()}\n\nSchema: `contracts/{path.name}`\n"
    yield _fields(contract)
    yield from _table(contract)
    if title in examples:
        yield examples[title]
    for name, definition in document.get("$defs", {}).items():
        field = Field(definition, document)
        yield f"### {name}\n\n{field.schema.get('description', '').strip()}\n"
        yield _fields(field) if field.fields else f"{_type(field)} {_rules(field)}".rstrip() + "\n"


def _fields(record: Field) -> str:
    rows = ["| Field | Type | Rules | Meaning |", "| --- | --- | --- | --- |"]
    for name, field in record.fields.items():
        rules = _rules(field)
        if name not in record.required:
            rules = "; ".join(filter(None, [rules, _default(field)]))
        cells = f"`{name}`", _type(field), rules, field.own.get("description", "")
        rows.append(f"| {' | '.join(' '.join(cell.split()) for cell in map(_escape, cells))} |")
    if record.closed:
        rows.append("\nA field that is not listed is refused.")
    checks = [_code(each.partition(" ")[2]) for each in record.validators]
    if checks:
        rows.append(f"\nA record is checked by {', '.join(checks)}.")
    return "\n".join(rows) + "\n"


def _table(contract: Field) -> Iterator[str]:
    """Describe the rules for a table of such records."""
    rules = contract.schema.get("x-table", {})
    texts = [
        f"{name} {', '.join(f'`{v}`' for v in (value if isinstance(value, list) else [value]))}"
        for keyword, name in TABLE.items()
        if (value := rules.get(keyword)) is not None
    ]
    texts += [f"`{left}` {sign} `{right}`" for left, sign, right in contract.table.compare]
    if texts:
        yield f"In a table: {'; '.join(texts)}.\n"


def _escape(text: str) -> str:
    return text.replace("|", "\\|")


def _default(field: Field) -> str:
    return f"default `{json.dumps(field.own['default'])}`" if "default" in field.own else "optional"


def _type(field: Field) -> str:
    """Describe a type, such as `string (date-time)` or `list of number`."""
    return " or ".join([*_types(field), *(["null"] if field.nullable else [])])


def _types(field: Field) -> list[str]:
    if field.reference:
        return [field.reference]
    if field.options:
        return list(dict.fromkeys(_type(option) for option in field.options))
    if field.choices is not None and "enum" in field.schema:
        return [_code(json.dumps(value)) for value in field.choices]
    return [_single_type(field)]


def _single_type(field: Field) -> str:
    entries = next(iter(field.patterns.values()), field.other_fields)
    if field.array is not None:
        shape, dtypes = field.array["shape"], field.array["dtypes"]
        return f"array ({', '.join(shape)}) of {' or '.join(dtypes)}"
    if field.type == "array" and field.first_items:
        return f"[{', '.join(map(_type, field.first_items))}]"
    if field.type == "array" and field.items:
        return f"list of {_type(field.items)}"
    if field.type == "object" and entries:
        return f"mapping to {_type(entries)}"
    name = "anything" if field.type == "any" else field.type
    return f"{name} ({field.format})" if field.format else name


def _rules(field: Field) -> str:
    """Describe the limits of a value; those of a definition are described there."""
    if field.reference:
        return ""
    own = [text.format(field.schema[key]) for key, text in RULES.items() if key in field.schema]
    own += [text.format(field.rules[key]) for key, text in OWN_RULES.items() if key in field.rules]
    own += [f"matches {_code(pattern)}" for pattern in (field.pattern, *field.patterns) if pattern]
    own += [f"checked by {_code(each.partition(' ')[2])}" for each in field.validators]
    parts: list[tuple[str, Field | None]] = [
        (f"item {number}", item) for number, item in enumerate(field.first_items, 1)
    ]
    parts += [("each item", field.items), ("each value", field.other_fields), ("keys", field.keys)]
    for name, part in parts:
        if part is not None and (rules := _rules(part)):
            own.append(f"{name}: {rules}")
    return "; ".join(filter(None, [*own, *map(_rules, field.options)]))


def _code(text: str) -> str:
    """Format code in a cell of a table, where a backslash before `|` would be shown."""
    if "|" not in text and "`" not in text:
        return f"`{text}`"
    marked = "".join(each if each.isalnum() else f"&#{ord(each)};" for each in text)
    return f"<code>{marked}</code>"
