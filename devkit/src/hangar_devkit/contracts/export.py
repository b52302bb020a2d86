"""Contracts as JSON Schema files: the same bytes from the same models, everywhere."""

import json
import re
from pathlib import Path

from pydantic import BaseModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DIRECTORY = "contracts"


def schemas(models: list[type[BaseModel]]) -> dict[str, str]:
    """Return the text of each contract's schema by its file name.

    Args:
        models: The contracts.

    Returns:
        JSON Schema 2020-12, indented, with a line end. Fields stay in the order of the model,
        because that is the order of a table's columns.
    """
    return {file_name(model): _text(model) for model in models}


def file_name(model: type[BaseModel]) -> str:
    """Return the name of a contract's file: `PriceTick` is in `price-tick.schema.json`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", model.__name__).lower()
    return f"{words}.schema.json"


def write(root: Path, wanted: dict[str, str]) -> list[str]:
    """Make the directory hold exactly these schemas.

    Returns:
        A line for each file that changed.
    """
    directory = root / DIRECTORY
    changes = drift(root, wanted)
    for name, text in wanted.items():
        directory.mkdir(exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8", newline="\n")
    for path in set(_present(root)) - {directory / name for name in wanted}:
        path.unlink()
    return changes


def drift(root: Path, wanted: dict[str, str]) -> list[str]:
    """Say which files differ from the models, a line for each."""
    directory = root / DIRECTORY
    found = {path.name: path.read_text(encoding="utf-8") for path in _present(root)}
    lines = []
    for name in sorted(found.keys() | wanted.keys()):
        path = (directory / name).relative_to(root).as_posix()
        if name not in found:
            lines.append(f"{path}: is not exported yet")
        elif name not in wanted:
            lines.append(f"{path}: its contract is gone")
        elif found[name] != wanted[name]:
            lines.append(f"{path}: differs from its contract")
    return lines


def _present(root: Path) -> list[Path]:
    return sorted((root / DIRECTORY).glob("*.schema.json"))


def _text(model: type[BaseModel]) -> str:
    schema = {"$schema": DIALECT} | model.model_json_schema()
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
