"""What a change of a contract breaks.

A contract says what may pass. When it comes to allow less, a *producer* that was right before is
refused. When it comes to allow more, a *consumer* meets what it never had to expect. A new optional
field breaks neither: what nobody sends nobody misses, and what a reader does not know it leaves.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]
PRODUCERS, CONSUMERS = "producers", "consumers"
# Keyword -> the sign of growth that allows more, and what its absence stands for.
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
# Keywords that cannot be compared by size: any other value may allow less, more, or both.
EXACT = ("pattern", "format", "multipleOf", "uniqueItems")


@dataclass(frozen=True)
class Change:
    """One difference between two schemas.

    Attributes:
        place: Contract and field, such as `reading.value`.
        what: What changed, in words.
        breaks: Who is broken by it: producers, consumers, both, or nobody.
    """

    place: str
    what: str
    breaks: tuple[str, ...]

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.place}: {self.what} ({self.effect})"

    @property
    def effect(self) -> str:
        """Say who is broken."""
        return f"breaks {' and '.join(self.breaks)}" if self.breaks else "compatible"


def changes(old: dict[str, Schema], new: dict[str, Schema]) -> list[Change]:
    """Compare all contracts of two versions, by name.

    Args:
        old: The schemas as released.
        new: The schemas now.

    Returns:
        Every difference that says something about data; texts and titles do not.
    """
    found: list[Change] = []
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            found.append(Change(name, "contract removed", (PRODUCERS, CONSUMERS)))
        elif name not in old:
            found.append(Change(name, "contract added", ()))
        else:
            found += _Comparison(old[name], new[name]).value(name, old[name], new[name])
    return found


def narrower(place: str, what: str) -> Change:
    """Less is allowed than before."""
    return Change(place, what, (PRODUCERS,))


def wider(place: str, what: str) -> Change:
    """More is allowed than before."""
    return Change(place, what, (CONSUMERS,))


class _Comparison:
    """Two schemas with their definitions."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._roots = old, new
        self._open: set[tuple[str, str]] = set()  # references being compared: models may recur

    def value(self, place: str, old: Schema, new: Schema) -> Iterator[Change]:
        references = old.get("$ref", ""), new.get("$ref", "")
        if all(references):
            if references in self._open:
                return
            self._open.add(references)
        old, new = self._resolved(0, old), self._resolved(1, new)
        yield from self._kinds(place, old, new)
        yield from self._choices(place, old, new)
        yield from self._keywords(place, old, new)
        yield from self._fields(place, old, new)
        if isinstance(old.get("items"), dict) and isinstance(new.get("items"), dict):
            yield from self.value(f"{place}[]", old["items"], new["items"])
        yield from self._table(place, old.get("x-table", {}), new.get("x-table", {}))

    def _resolved(self, version: int, schema: Schema) -> Schema:
        """Follow references, and lift the one alternative beside null."""
        while "$ref" in schema:
            target: Any = self._roots[version]
            for step in schema["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            schema = target
        rest = [each for each in schema.get("anyOf", []) if each.get("type") != "null"]
        if len(rest) == 1 and len(schema["anyOf"]) == 2:
            inner = self._resolved(version, rest[0])
            return inner | {"type": [inner.get("type", "any"), "null"]}
        return schema

    def _kinds(self, place: str, old: Schema, new: Schema) -> Iterator[Change]:
        before, after = self._types(0, old), self._types(1, new)
        if before == after:
            return
        gone, come = before - after, after - before
        if "integer" in gone and "number" in come:
            gone = gone - {"integer"}  # every integer is a number
        elif "number" in gone and "integer" in come:
            come = come - {"integer"}
        what = f"type {_names(before)} became {_names(after)}"
        breaks = ((PRODUCERS,) if gone else ()) + ((CONSUMERS,) if come else ())
        yield Change(place, what, breaks)

    def _types(self, version: int, schema: Schema) -> set[str]:
        several = schema.get("anyOf", schema.get("oneOf"))
        if several:
            return {
                kind
                for each in several
                for kind in self._types(version, self._resolved(version, each))
            }
        kinds = schema.get("type", "any")
        return set(kinds) if isinstance(kinds, list) else {kinds}

    @staticmethod
    def _choices(place: str, old: Schema, new: Schema) -> Iterator[Change]:
        before, after = _listed(old), _listed(new)
        if before is None and after is not None:
            yield narrower(place, f"only {_names(after)} allowed")
        elif before is not None and after is None:
            yield wider(place, f"no longer only {_names(before)}")
        elif before is not None and after is not None:
            if gone := before - after:
                yield narrower(place, f"{_names(gone)} no longer allowed")
            if come := after - before:
                yield wider(place, f"{_names(come)} newly allowed")

    @staticmethod
    def _keywords(place: str, old: Schema, new: Schema) -> Iterator[Change]:
        for keyword, (sign, absent) in BOUNDS.items():
            before, after = old.get(keyword, absent), new.get(keyword, absent)
            if before != after:
                what = f"{keyword} {_shown(before)} became {_shown(after)}"
                yield (wider if (after - before) * sign > 0 else narrower)(place, what)
        for keyword in EXACT:
            before, after = old.get(keyword), new.get(keyword)
            if before == after:
                continue
            if before is None:
                yield narrower(place, f"{keyword} {after!r} added")
            elif after is None:
                yield wider(place, f"{keyword} {before!r} removed")
            else:
                both = (PRODUCERS, CONSUMERS)
                yield Change(place, f"{keyword} {before!r} became {after!r}", both)

    def _fields(self, place: str, old: Schema, new: Schema) -> Iterator[Change]:
        before, after = old.get("properties", {}), new.get("properties", {})
        must, must_now = set(old.get("required", [])), set(new.get("required", []))
        for name in [*before, *(name for name in after if name not in before)]:
            field = f"{place}.{name}"
            if name not in after:
                closed = new.get("additionalProperties") is False
                breaks = ((PRODUCERS,) if closed else ()) + ((CONSUMERS,) if name in must else ())
                yield Change(field, "field removed", breaks)
            elif name not in before:
                needed = name in must_now
                yield Change(
                    field,
                    "required field added" if needed else "optional field added",
                    (PRODUCERS,) if needed else (),
                )
            else:
                if name in must_now - must:
                    yield narrower(field, "became required")
                elif name in must - must_now:
                    yield wider(field, "became optional")
                yield from self.value(field, before[name], after[name])
        open_before, open_now = (s.get("additionalProperties", True) for s in (old, new))
        if before and open_before != open_now:
            closed = new.get("additionalProperties") is False
            what = f"other fields are {'no longer' if closed else 'newly'} allowed"
            yield Change(place, what, (PRODUCERS,) if closed else ())

    @staticmethod
    def _table(place: str, old: Schema, new: Schema) -> Iterator[Change]:
        for rule in sorted(old.keys() | new.keys()):
            before, after = old.get(rule), new.get(rule)
            if before == after:
                continue
            if before is None:
                yield narrower(place, f"table rule {rule} {after} added")
            elif after is None:
                yield wider(place, f"table rule {rule} {before} removed")
            else:
                yield Change(
                    place, f"table rule {rule} {before} became {after}", (PRODUCERS, CONSUMERS)
                )


def _listed(schema: Schema) -> set[Any] | None:
    if "const" in schema:
        return {schema["const"]}
    return set(schema["enum"]) if "enum" in schema else None


def _names(values: set[Any]) -> str:
    return ", ".join(sorted(map(str, values)))


def _shown(bound: float) -> str:
    return "none" if math.isinf(bound) else f"{bound:,}"
