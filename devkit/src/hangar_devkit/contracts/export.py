"""Export of contracts as JSON Schema files: the same bytes from the same models, everywhere."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel

from hangar_devkit.contracts.project import ContractsError, json_schema
from hangar_devkit.contracts.schema_reader import Field
from hangar_devkit.files import write_atomically

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DIRECTORY = "contracts"
SUFFIX = ".schema.json"


def schemas(models: list[type[BaseModel]]) -> dict[str, str]:
    """Return the text of each contract's schema by its file name.

    Args:
        models: The contracts.

    Returns:
        JSON Schema 2020-12, indented, with a line end. Fields stay in the order of the model,
        because that is the order of a table's columns.

    Raises:
        ContractsError: A model has no JSON Schema, or two have the same file name.
    """
    texts: dict[str, str] = {}
    for model in models:
        name = file_name(model.__name__)
        if name in texts:
            raise ContractsError(
                f"two contracts would be exported to {DIRECTORY}/{name}; rename one"
            )
        texts[name] = _text(model)
    return texts


def exportable(models: list[type[BaseModel]]) -> tuple[list[type[BaseModel]], dict[str, str]]:
    """Return the models that have a JSON Schema, and for each other file the reason."""
    found, reasons = [], {}
    for model in models:
        try:
            json_schema(model)
        except ContractsError as error:
            reasons[file_name(model.__name__)] = str(error)
        else:
            found.append(model)
    return found, reasons


def file_name(contract: str) -> str:
    """Return the name of a contract's file: `HTTPRequest` is in `http-request.schema.json`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", contract).lower()
    return f"{words}{SUFFIX}"


def write(root: Path, texts: dict[str, str], kept: Iterable[str] = ()) -> list[str]:
    """Make the directory hold these schemas, and no others that were exported.

    Args:
        root: The project.
        texts: The schemas by file name.
        kept: Files to leave alone, because their schemas cannot be made.

    Returns:
        A line for each file that changed.
    """
    directory = root / DIRECTORY
    lines = differences(root, texts, kept)
    if texts:
        directory.mkdir(exist_ok=True)
    for name, text in texts.items():
        write_atomically(directory / name, text)
    for path in _exported(root):
        if path.name not in texts and path.name not in kept:
            path.unlink()
    return lines


def differences(root: Path, texts: dict[str, str], kept: Iterable[str] = ()) -> list[str]:
    """Return a line for each file that differs from its model."""
    lines = []
    exported = {path.name: path.read_text(encoding="utf-8") for path in _exported(root)}
    for name in sorted((exported.keys() | texts.keys()) - set(kept)):
        path = root / DIRECTORY / name
        shown = f"{DIRECTORY}/{name}"
        if name not in texts:
            lines.append(f"{shown}: its contract was deleted")
        elif not path.exists():
            lines.append(f"{shown}: is not exported yet")
        elif path.read_text(encoding="utf-8", errors="replace") != texts[name]:
            lines.append(f"{shown}: differs from its contract")
    return lines


def _exported(root: Path) -> list[Path]:
    """Return the schemas that this command wrote: a schema written by hand is not deleted."""
    return sorted(path for path in (root / DIRECTORY).glob(f"*{SUFFIX}") if _is_export(path))


def _is_export(path: Path) -> bool:
    try:
        text = path.read_text(encoding="utf-8")
        schema = json.loads(text)
    except ValueError:
        return False
    return (
        isinstance(schema, dict)
        and text == _format(schema)
        and path.name == file_name(str(Field(schema).schema.get("title")))
    )


def _text(model: type[BaseModel]) -> str:
    return _format({"$schema": DIALECT, **json_schema(model)})


def _format(schema: dict[str, object]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
