"""Give a pyproject.toml what it lacks of the template's; what it has stays as it is."""

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

import tomlkit

# What a project is, as opposed to how it is developed: never taken from the template.
_IDENTITY = {"project", "build-system"}


@dataclass
class Completed:
    """The new text; and the keys that were added, and those in which the two differ."""

    text: str = ""
    added: list[str] = field(default_factory=list)
    differ: list[str] = field(default_factory=list)


def complete(mine: str, theirs: str) -> Completed:
    """Add the tables and keys that a file lacks of another, comments included.

    Args:
        mine: The file to complete.
        theirs: The file that has what may be missing.

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
