"""What a change of a contract breaks.

A contract says what is valid. When it allows less than before, a *producer* that was right is
refused. When it allows more, a *consumer* meets what it never had to expect. A new optional field
breaks neither: producers need not send it, and consumers ignore what they do not know.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hangar_devkit.contracts.schema import Field, Schema

PRODUCERS, CONSUMERS = "producers", "consumers"
# Keyword -> the sign of a change that allows more, and the bound where the keyword is absent.
BOUNDS = {
    "maximum": (1, math.inf),
    "exclusiveMaximum": (1, math.inf),
    "maxLength": (1, math.inf),
    "maxItems": (1, math.inf),
    "minimum": (-1, -math.inf),
    "exclusiveMinimum": (-1, -math.inf),
    "minLength": (-1, 0),
    "minItems": (-1, 0),
}
# Keywords that cannot be compared by size: another value may allow less, more, or both.
EXACT = ("pattern", "format", "multipleOf", "uniqueItems")


@dataclass(frozen=True)
class Change:
    """One difference between two schemas.

    Attributes:
        path: Contract and field, such as `reading.value`.
        description: What changed.
        breaks: Who is broken by it: producers, consumers, both, or nobody.
    """

    path: str
    description: str
    breaks: tuple[str, ...]

    def __str__(self) -> str:
        """Format it in one line."""
        effect = f"breaks {' and '.join(self.breaks)}" if self.breaks else "compatible"
        return f"{self.path}: {self.description} ({effect})"


def compare(old: dict[str, Schema], new: dict[str, Schema]) -> list[Change]:
    """Compare all contracts of two versions, by name.

    Args:
        old: The schemas of the release.
        new: The schemas now.

    Returns:
        Every difference in what is valid; titles and descriptions are not compared.
    """
    changes: list[Change] = []
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            changes.append(Change(name, "contract removed", (PRODUCERS, CONSUMERS)))
        elif name not in old:
            changes.append(Change(name, "contract added", ()))
        else:
            changes += _Comparison().values(name, Field(old[name]), Field(new[name]))
    return changes


def _narrower(path: str, description: str) -> Change:
    return Change(path, description, (PRODUCERS,))


def _wider(path: str, description: str) -> Change:
    return Change(path, description, (CONSUMERS,))


class _Comparison:
    """Comparison of two schemas, each definition of theirs once."""

    def __init__(self) -> None:
        self._compared: set[tuple[str, str]] = set()  # models may contain themselves

    def values(self, path: str, old: Field, new: Field) -> Iterator[Change]:
        references = old.reference, new.reference
        if all(references):
            if references in self._compared:
                return
            self._compared.add(references)
        yield from _types(path, old, new)
        yield from _choices(path, old, new)
        yield from _keywords(path, old, new)
        yield from self._fields(path, old, new)
        if old.items and new.items:
            yield from self.values(f"{path}[]", old.items, new.items)
        yield from _table(path, old.schema.get("x-table", {}), new.schema.get("x-table", {}))

    def _fields(self, path: str, old: Field, new: Field) -> Iterator[Change]:
        for name in [*old.fields, *(name for name in new.fields if name not in old.fields)]:
            field = f"{path}.{name}"
            if name not in new.fields:
                breaks = ((PRODUCERS,) if new.closed else ()) + (
                    (CONSUMERS,) if name in old.required else ()
                )
                yield Change(field, "field removed", breaks)
            elif name not in old.fields:
                if name in new.required:
                    yield _narrower(field, "required field added")
                else:
                    yield Change(field, "optional field added", ())
            else:
                if name in new.required - old.required:
                    yield _narrower(field, "became required")
                elif name in old.required - new.required:
                    yield _wider(field, "became optional")
                yield from self.values(field, old.fields[name], new.fields[name])
        before, after = (each.schema.get("additionalProperties", True) for each in (old, new))
        if old.fields and before != after:
            description = f"other fields are {'no longer' if new.closed else 'newly'} allowed"
            yield Change(path, description, (PRODUCERS,) if new.closed else ())


def _types(path: str, old: Field, new: Field) -> Iterator[Change]:
    if old.types == new.types:
        return
    removed, added = old.types - new.types, new.types - old.types
    if "integer" in removed and "number" in added:
        removed = removed - {"integer"}  # every integer is a number
    elif "number" in removed and "integer" in added:
        added = added - {"integer"}
    breaks = ((PRODUCERS,) if removed else ()) + ((CONSUMERS,) if added else ())
    yield Change(path, f"type {_names(old.types)} became {_names(new.types)}", breaks)


def _choices(path: str, old: Field, new: Field) -> Iterator[Change]:
    before = None if old.choices is None else set(old.choices)
    after = None if new.choices is None else set(new.choices)
    if before is None and after is not None:
        yield _narrower(path, f"only {_names(after)} allowed")
    elif before is not None and after is None:
        yield _wider(path, f"no longer only {_names(before)}")
    elif before is not None and after is not None:
        if removed := before - after:
            yield _narrower(path, f"{_names(removed)} no longer allowed")
        if added := after - before:
            yield _wider(path, f"{_names(added)} newly allowed")


def _keywords(path: str, old: Field, new: Field) -> Iterator[Change]:
    for keyword, (sign, absent) in BOUNDS.items():
        before, after = old.schema.get(keyword, absent), new.schema.get(keyword, absent)
        if before != after:
            description = f"{keyword} {_bound(before)} became {_bound(after)}"
            change = _wider if (after - before) * sign > 0 else _narrower
            yield change(path, description)
    for keyword in EXACT:
        yield from _exact(path, keyword, old.schema.get(keyword), new.schema.get(keyword))


def _table(path: str, old: Schema, new: Schema) -> Iterator[Change]:
    for rule in sorted(old.keys() | new.keys()):
        yield from _exact(path, f"table rule {rule}", old.get(rule), new.get(rule))


def _exact(path: str, name: str, before: object, after: object) -> Iterator[Change]:
    if before == after:
        return
    if before is None:
        yield _narrower(path, f"{name} {after!r} added")
    elif after is None:
        yield _wider(path, f"{name} {before!r} removed")
    else:
        yield Change(path, f"{name} {before!r} became {after!r}", (PRODUCERS, CONSUMERS))


def _names(values: set[Any]) -> str:
    return ", ".join(sorted(map(str, values)))


def _bound(value: float) -> str:
    return "none" if math.isinf(value) else f"{value:,}"
