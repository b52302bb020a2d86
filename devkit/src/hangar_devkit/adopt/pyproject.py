"""Add to a pyproject.toml the template's settings that it does not have."""

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

import tomlkit

# The project's own metadata, never taken from the template.
_IDENTITY = {"project", "build-system"}


@dataclass
class Completed:
    """The new text, the keys that were added, and those whose values differ."""

    text: str = ""
    added: list[str] = field(default_factory=list)
    differ: list[str] = field(default_factory=list)


def complete(mine: str, theirs: str) -> Completed:
    """Add the tables and keys that only the other file has, comments included.

    Args:
        mine: The file to complete.
        theirs: The file to take them from.

    Raises:
        tomlkit.exceptions.ParseError: If one of them is not TOML.
    """
    document, model = tomlkit.parse(mine), tomlkit.parse(theirs)
    result = Completed()
    for name, item in model.items():
        if name not in _IDENTITY:
            _fill(document, name, item, name, result)
    result.text = tomlkit.dumps(document)
    return result


def _fill(
    mine: MutableMapping[str, Any], name: str, item: object, path: str, result: Completed
) -> None:
    if name not in mine:
        mine[name] = item
        result.added.append(path)
    elif isinstance(item, MutableMapping) and isinstance(mine[name], MutableMapping):
        for key, value in item.items():
            _fill(mine[name], key, value, f"{path}.{key}", result)
    elif mine[name] != item:
        result.differ.append(path)
