"""What a change of a contract breaks.

A contract says what is valid. When it allows less than before, a *producer* that was right is
refused. When it allows more, a *consumer* meets what it never had to expect: one that was made from
the previous release refuses it. What cannot be compared is reported as such, never as compatible.
"""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hangar_devkit.contracts.schema_generator import VERSION_KEY
from hangar_devkit.contracts.schema_reader import Field, Schema
from hangar_devkit.contracts.values import read_duration

PRODUCERS, CONSUMERS = "producers", "consumers"
BOTH = PRODUCERS, CONSUMERS
# Keyword -> the sign of a change that allows more, and the bound where the keyword is absent.
SIZES = {
    "maxLength": (1, math.inf),
    "maxItems": (1, math.inf),
    "maxProperties": (1, math.inf),
    "minLength": (-1, 0),
    "minItems": (-1, 0),
    "minProperties": (-1, 0),
}
# Keywords whose values cannot be ordered: another one may allow less, more, or both.
EXACT = ("pattern", "contentMediaType", "uniqueItems")
NUMBERS = {"integer", "number"}
# Keywords that say nothing about what is valid.
ANNOTATIONS = {
    *("$schema", "$defs", "$id", "$comment", "title", "description", "examples", "deprecated"),
    *("readOnly", "writeOnly", "contentEncoding", VERSION_KEY),
}
# Keywords that are compared below.
COMPARED = {
    *SIZES,
    *EXACT,
    *("type", "format", "enum", "const", "anyOf", "oneOf", "discriminator", "default"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("properties", "required", "additionalProperties", "patternProperties", "propertyNames"),
    *("items", "prefixItems", "contentSchema"),
    *("x-rules", "x-model", "x-validators", "x-keys", "x-aliases", "x-array", "x-table"),
}
# Rules of `x-rules` or `x-model` of which more allows more.
ORDERED_RULES = {"max_digits", "whole_digits", "decimal_places", "str_max_length"}
# Rule -> its value where it is absent; setting the other one allows less.
SWITCHES = {"strict": False, "allow_inf_nan": True, "ascii_only": False, "utf8": False}
# Rules that only refuse; any other may change values before they are checked.
LIMITS = {
    *("max_digits", "whole_digits", "decimal_places", "multiple_of", "now_op", "tz_constraint"),
    *("allowed_schemes", "host_required"),
}
BOUNDS = {"ge", "gt", "le", "lt"}
READERS: dict[str, Callable[[Any], Any]] = {
    "decimal": Decimal,
    "fraction": Fraction,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": read_duration,
}


@dataclass(frozen=True)
class Change:
    """One difference between two schemas.

    Attributes:
        path: Contract and field, such as `reading.value`.
        description: What changed, or why that is not known.
        breaks: Who is broken by it: producers, consumers, both, or nobody.
        checked: Whether it is known who is broken.
    """

    path: str
    description: str
    breaks: tuple[str, ...]
    checked: bool = True

    def __str__(self) -> str:
        """Format it in one line."""
        if not self.checked:
            return f"{self.path}: not checked: {self.description}"
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
            changes.append(Change(name, "contract removed", BOTH))
        elif name not in old:
            changes.append(Change(name, "contract added", ()))
        else:
            before, after = old[name], new[name]
            if VERSION_KEY in after and VERSION_KEY not in before:
                reason = "rules beyond JSON Schema, which the release did not export"
                changes.append(_unchecked(name, reason))
                after = _standard(after)
            changes += _contract_changes(name, before, after)
    return changes


def _contract_changes(name: str, before: Schema, after: Schema) -> list[Change]:
    try:
        return list(_Comparison().values(name, Field(before), Field(after)))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # Written by hand, such as with a reference to another file.
        return [_unchecked(name, f"a schema cannot be read ({type(error).__name__}: {error})")]


def _narrower(path: str, description: str) -> Change:
    return Change(path, description, (PRODUCERS,))


def _wider(path: str, description: str) -> Change:
    return Change(path, description, (CONSUMERS,))


def _unchecked(path: str, reason: str) -> Change:
    return Change(path, reason, (), checked=False)


def _standard(schema: Any) -> Any:  # noqa: ANN401 - a JSON value
    """Return a schema without the keywords of our own, but for those that were always exported."""
    if isinstance(schema, dict):
        kept = {"x-table", "x-array"}
        return {
            key: _standard(value)
            for key, value in schema.items()
            if not key.startswith("x-") or key in kept
        }
    return [_standard(item) for item in schema] if isinstance(schema, list) else schema


class _Comparison:
    """Comparison of two schemas, each definition of theirs once."""

    def __init__(self) -> None:
        self._compared: set[tuple[str, str]] = set()  # models may contain themselves

    def values(self, path: str, old: Field, new: Field) -> Iterator[Change]:
        """Compare what two fields allow, null included."""
        null_before, null_after = (each.nullable or each.type == "null" for each in (old, new))
        if null_before != null_after:
            change = _narrower if null_before else _wider
            yield change(path, f"null is {'no longer' if null_before else 'newly'} allowed")
        if "default" in old.own and "default" in new.own:
            before, after = old.own["default"], new.own["default"]
            if _text(before) != _text(after):
                yield _wider(path, f"default {_text(before)} became {_text(after)}")
        if old.reference or new.reference:
            both = _text(old.own), _text(new.own)
            if both in self._compared:
                return
            self._compared.add(both)
        if old.options or new.options:
            yield from self._alternatives(path, old, new)
        else:
            yield from self._single(path, old, new)

    def _alternatives(self, path: str, old: Field, new: Field) -> Iterator[Change]:
        """Compare unions: each alternative with the one that is most like it."""
        added = list(new.options or (new,))
        for option in old.options or (old,):
            match = _most_alike(option, added)
            if match is None:
                yield _narrower(path, f"{_name(option)} is no longer allowed")
            else:
                added.remove(match)
                inner = path if len(old.options) < 2 else f"{path}<{_name(option)}>"
                yield from self._option(inner, option, match)
        for option in added:
            yield _wider(path, f"{_name(option)} is newly allowed")
        if old.options and new.options:
            yield from _rules(path, old, new)
            yield from _leftover(path, old, new)
        else:
            union = old if old.options else new
            if union.validators:
                names = ", ".join(union.validators)
                yield Change(path, f"{names} checks all alternatives together", BOTH)

    def _option(self, path: str, old: Field, new: Field) -> Iterator[Change]:
        # A field that is no union is its own alternative: compare it as one.
        if old.options or new.options or old.reference or new.reference:
            yield from self.values(path, old, new)
        else:
            yield from self._single(path, old, new)

    def _single(self, path: str, old: Field, new: Field) -> Iterator[Change]:
        changes = list(_types(path, old, new))
        yield from changes
        if changes and not _is_comparable(old, new):
            return  # other types have other rules
        yield from _choices(path, old, new)
        yield from _numbers(path, old, new)
        yield from _keywords(path, old, new)
        yield from _rules(path, old, new)
        yield from _arrays(path, old, new)
        if "object" in old.types:
            yield from self._fields(path, old, new)
            yield from self._entries(path, old, new)
        if "array" in old.types:
            yield from self._items(path, old, new)
        if old.content is not None or new.content is not None:
            yield from self.values(f"{path}(JSON)", *_or_any(old.content, new.content))
        yield from _table(path, old.schema.get("x-table", {}), new.schema.get("x-table", {}))
        yield from _leftover(path, old, new)

    def _fields(self, path: str, old: Field, new: Field) -> Iterator[Change]:
        for name in [*old.fields, *(name for name in new.fields if name not in old.fields)]:
            field = f"{path}.{name}"
            if name not in new.fields:
                yield from _removed_field(field, old, new, required=name in old.required)
            elif name not in old.fields:
                yield from _added_field(field, old, required=name in new.required)
            else:
                if name in new.required - old.required:
                    yield _narrower(field, "became required")
                elif name in old.required - new.required:
                    yield _wider(field, "became optional")
                yield from self.values(field, old.fields[name], new.fields[name])

    def _entries(self, path: str, old: Field, new: Field) -> Iterator[Change]:
        """Compare fields that the schemas do not list."""
        before, after = old.other_fields, new.other_fields
        if old.closed != new.closed:
            change = _narrower if new.closed else _wider
            yield change(path, f"other fields are {'no longer' if new.closed else 'newly'} allowed")
        elif before is not None or after is not None:
            yield from self.values(f"{path}{{}}", *_or_any(before, after))
        if old.keys is not None or new.keys is not None:
            yield from self.values(f"{path}(keys)", *_or_any(old.keys, new.keys))
        for pattern in sorted(old.patterns.keys() | new.patterns.keys()):
            if pattern not in new.patterns or pattern not in old.patterns:
                effect = "added" if pattern in new.patterns else "removed"
                yield Change(path, f"fields that match {pattern!r} {effect}", BOTH)
            else:
                inner = old.patterns[pattern], new.patterns[pattern]
                yield from self.values(f"{path}{{{pattern}}}", *inner)

    def _items(self, path: str, old: Field, new: Field) -> Iterator[Change]:
        count = max(len(old.first_items), len(new.first_items))
        for index in range(count):
            before, after = _item(old, index), _item(new, index)
            if before is not None and after is not None:  # else the number of items tells
                yield from self.values(f"{path}[{index}]", before, after)
        if old.first_items and new.first_items and not (old.items or new.items):
            return
        yield from self.values(f"{path}[]", *_or_any(_item(old, count), _item(new, count)))


def _or_any(*fields: Field | None) -> tuple[Field, ...]:
    """Return fields, with one that allows anything for each that is missing."""
    return tuple(Field({}) if field is None else field for field in fields)


def _item(field: Field, index: int) -> Field | None:
    return field.first_items[index] if index < len(field.first_items) else field.items


def _added_field(path: str, old: Field, *, required: bool) -> Iterator[Change]:
    if required:
        yield _narrower(path, "required field added")
    if old.closed:
        yield _wider(path, "field added, which readers of the release refuse")
    elif not required:
        yield Change(path, "optional field added", ())
        yield _unchecked(path, "whether producers already send another value by this name")


def _removed_field(path: str, old: Field, new: Field, *, required: bool) -> Iterator[Change]:
    breaks = ((PRODUCERS,) if new.closed else ()) + ((CONSUMERS,) if required else ())
    yield Change(path, "field removed", breaks)
    if not new.closed and not required and not old.closed:
        yield _unchecked(path, "whether producers will send another value by this name")


def _most_alike(option: Field, candidates: list[Field]) -> Field | None:
    """Return the alternative to compare with; None where none has the same type."""
    return max(
        (each for each in candidates if _tag(each) == _tag(option)),
        key=lambda each: (each.own == option.own, each.schema == option.schema),
        default=None,
    )


def _tag(field: Field) -> object:
    """Return what makes an alternative the same one: its discriminator, name, or type."""
    constants = {
        name: _text(inner.schema["const"])
        for name, inner in field.fields.items()
        if "const" in inner.schema
    }
    if constants:
        return sorted(constants.items())
    if field.reference and field.fields:
        return field.reference
    return sorted(field.types), field.format


def _name(field: Field) -> str:
    return field.reference or field.format or _names(field.types)


def _types(path: str, old: Field, new: Field) -> Iterator[Change]:
    """Compare the JSON types, null apart."""
    before, after = old.types - {"null"}, new.types - {"null"}
    if before == after:
        return
    removed, added = before - after, after - before
    if "any" in after:
        removed = set()  # whatever was allowed still is
    elif "any" in before:
        added = set()
    if "integer" in removed and "number" in added:
        removed = removed - {"integer"}  # every integer is a number
    elif "number" in removed and "integer" in added:
        added = added - {"integer"}
    breaks = ((PRODUCERS,) if removed else ()) + ((CONSUMERS,) if added else ())
    yield Change(path, f"type {_names(old.types)} became {_names(new.types)}", breaks)


def _is_comparable(old: Field, new: Field) -> bool:
    """Return whether two fields have a type in common, so that its rules decide as well."""
    common = old.types & new.types - {"null"}
    return bool(common) or (old.types | new.types) - {"null"} <= NUMBERS


def _choices(path: str, old: Field, new: Field) -> Iterator[Change]:
    before = None if old.choices is None else set(map(_text, old.choices))
    after = None if new.choices is None else set(map(_text, new.choices))
    if before is None and after is not None:
        yield _narrower(path, f"only {_names(after)} allowed")
    elif before is not None and after is None:
        yield _wider(path, f"no longer only {_names(before)}")
    elif before is not None and after is not None:
        if removed := before - after:
            yield _narrower(path, f"{_names(removed)} no longer allowed")
        if added := after - before:
            yield _wider(path, f"{_names(added)} newly allowed")


def _numbers(path: str, old: Field, new: Field) -> Iterator[Change]:
    """Compare ranges and steps of numbers."""
    if not (old.types | new.types) - {"null"} <= NUMBERS:
        return
    (low_before, high_before), (low_after, high_after) = old.bounds, new.bounds
    keywords = ("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")
    if low_before != low_after:
        change = _wider if low_after < low_before else _narrower
        yield change(path, _became("lower bound", old, new, keywords[0]))
    if high_before != high_after:
        change = _wider if high_after > high_before else _narrower
        yield change(path, _became("upper bound", old, new, keywords[1]))
    yield from _steps(path, old.schema.get("multipleOf"), new.schema.get("multipleOf"))


def _became(name: str, old: Field, new: Field, keywords: tuple[str, str]) -> str:
    signs = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
    before, after = (
        " and ".join(
            f"{signs[key]} {field.schema[key]:,}" for key in keywords if key in field.schema
        )
        for field in (old, new)
    )
    return f"{name} {before or 'none'} became {after or 'none'}"


def _steps(path: str, before: Any, after: Any) -> Iterator[Change]:  # noqa: ANN401 - numbers
    if before is None or after is None or before == after:
        yield from _exact(path, "multipleOf", before, after)
        return
    one, other = Decimal(str(before)), Decimal(str(after))
    description = f"multipleOf {before} became {after}"
    if one % other == 0:
        yield _wider(path, description)
    elif other % one == 0:
        yield _narrower(path, description)
    else:
        yield Change(path, description, BOTH)


def _keywords(path: str, old: Field, new: Field) -> Iterator[Change]:
    for keyword, (sign, absent) in SIZES.items():
        before, after = old.schema.get(keyword, absent), new.schema.get(keyword, absent)
        if before != after:
            description = f"{keyword} {_bound(before)} became {_bound(after)}"
            change = _wider if (after - before) * sign > 0 else _narrower
            yield change(path, description)
    for keyword in EXACT:
        yield from _exact(path, keyword, old.schema.get(keyword), new.schema.get(keyword))
    if old.format != new.format:
        # Some formats also allow numbers, such as those of times and addresses.
        description = f"format {old.format or 'none'} became {new.format or 'none'}"
        yield Change(path, description, BOTH)


def _arrays(path: str, old: Field, new: Field) -> Iterator[Change]:
    before, after = old.array or {}, new.array or {}
    if before.get("shape") != after.get("shape"):
        shapes = [f"({', '.join(each.get('shape', ()))})" for each in (before, after)]
        yield Change(path, f"shape {shapes[0]} became {shapes[1]}", BOTH)
    yield from _sets(path, "dtypes", before.get("dtypes"), after.get("dtypes"))


def _rules(path: str, old: Field, new: Field) -> Iterator[Change]:
    """Compare the rules that JSON Schema does not have."""
    before, after = _with_whole_digits(old.rules), _with_whole_digits(new.rules)
    types = {rules["type"] for rules in (before, after) if "type" in rules}
    if len(types) > 1:
        yield Change(path, f"type {before['type']} became {after['type']}", BOTH)
        return
    type_ = next(iter(types), "")
    for names in (("ge", "gt"), ("le", "lt")):
        yield from _limits(path, type_, names, before, after)
    for name in sorted((before.keys() | after.keys()) - BOUNDS - {"type"}):
        yield from _rule(path, name, before.get(name), after.get(name))
    model_before, model_after = (each.schema.get("x-model", {}) for each in (old, new))
    for name in sorted(model_before.keys() | model_after.keys()):
        yield from _rule(path, name, model_before.get(name), model_after.get(name))
    yield from _sets(path, "aliases", old.schema.get("x-aliases"), new.schema.get("x-aliases"))
    yield from _validators(path, old.validators, new.validators)
    if before != after and type_ == "generator":
        yield Change(path, "items are checked when they are used, or no longer", BOTH)


def _with_whole_digits(rules: Schema) -> Schema:
    """Add the number of digits before the point, which two rules limit together."""
    digits = rules.get("max_digits")
    if digits is None:
        return rules
    return {**rules, "whole_digits": digits - rules.get("decimal_places", 0)}


def _limits(
    path: str, type_: str, names: tuple[str, str], before: Schema, after: Schema
) -> Iterator[Change]:
    one, other = (
        {name: rules[name] for name in names if name in rules} for rules in (before, after)
    )
    if one == other:
        return
    description = f"{'lower' if names[0] == 'ge' else 'upper'} bound " + " became ".join(
        " and ".join(f"{name} {value}" for name, value in each.items()) or "none"
        for each in (one, other)
    )
    if not one or not other:
        yield (_wider if one else _narrower)(path, description)
        return
    try:
        sign = _sign(READERS[type_], names, one, other)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        yield Change(path, description, BOTH)  # such as a time with a zone and one without
        return
    yield (_wider if sign < 0 else _narrower)(path, description)


def _sign(read: Callable[[Any], Any], names: tuple[str, str], one: Schema, other: Schema) -> int:
    """Return 1 where the other bound is stricter, and -1 where it is not."""
    strictest = max if names[0] == "ge" else min
    limits = []
    for rules in (one, other):
        value = strictest(read(limit) for limit in rules.values())
        exclusive = names[1] in rules and read(rules[names[1]]) == value
        limits.append((value, exclusive))
    (value, exclusive), (after, after_exclusive) = limits
    if value == after:
        return 1 if after_exclusive and not exclusive else -1
    return 1 if (after > value) == (names[0] == "ge") else -1


def _rule(path: str, name: str, before: Any, after: Any) -> Iterator[Change]:  # noqa: ANN401
    if before == after:
        return
    description = f"{name} {_text(before)} became {_text(after)}"
    if name == "frozen":
        yield Change(path, description, ())  # data is as valid as before
    elif name in SWITCHES:
        absent = SWITCHES[name]
        value = absent if after is None else after
        same = (absent if before is None else before) == value
        change = _wider if value == absent else _narrower
        # A model may set what its field does not, and the other way round.
        yield Change(path, description, BOTH) if same else change(path, description)
    elif (before is None or after is None) and name in LIMITS:
        yield (_narrower if before is None else _wider)(path, description)
    elif name in ORDERED_RULES and before is not None and after is not None:
        yield (_wider if after > before else _narrower)(path, description)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _sets(path, name, before, after)
    else:
        yield Change(path, description, BOTH)


def _sets(path: str, name: str, before: Any, after: Any) -> Iterator[Change]:  # noqa: ANN401
    if before == after:
        return
    if before is None or after is None:
        yield Change(path, f"{name} {_text(before)} became {_text(after)}", BOTH)
        return
    if removed := set(map(str, before)) - set(map(str, after)):
        yield _narrower(path, f"{name}: {_names(removed)} no longer allowed")
    if added := set(map(str, after)) - set(map(str, before)):
        yield _wider(path, f"{name}: {_names(added)} newly allowed")


def _validators(path: str, before: list[str], after: list[str]) -> Iterator[Change]:
    """Compare functions by name: what they do is in code."""
    for name in [name for name in before if name not in after]:
        yield Change(path, f"validator removed: {name}", _effects(name, CONSUMERS))
    for name in [name for name in after if name not in before]:
        yield Change(path, f"validator added: {name}", _effects(name, PRODUCERS))
    for name in [name for name in after if name in before and "(" not in name]:
        yield _unchecked(path, f"the code of the validator {name.partition(' ')[2]}")


def _effects(validator: str, broken: str) -> tuple[str, ...]:
    """Return whom a validator that comes or goes breaks: one that runs last can only refuse."""
    return (broken,) if validator.startswith("after ") else BOTH


def _table(path: str, old: Schema, new: Schema) -> Iterator[Change]:
    for rule in sorted(old.keys() | new.keys()):
        before, after = old.get(rule), new.get(rule)
        name = f"table rule {rule}"
        if rule in {"least", "most"} and before is not None and after is not None:
            if before != after:
                change = _wider if (after > before) == (rule == "most") else _narrower
                yield change(path, f"{name} {before} became {after}")
        elif rule == "compare" and before and after:
            yield from _sets(path, name, after, before)  # fewer rules allow more
        else:
            yield from _exact(path, name, before, after)


def _leftover(path: str, old: Field, new: Field) -> Iterator[Change]:
    """Report keywords that nothing here compares."""
    for keyword in sorted((old.schema.keys() | new.schema.keys()) - ANNOTATIONS - COMPARED):
        if old.schema.get(keyword) != new.schema.get(keyword):
            yield _unchecked(path, f"the keyword {keyword}, which changed")


def _exact(path: str, name: str, before: object, after: object) -> Iterator[Change]:
    if before == after:
        return
    if before is None:
        yield _narrower(path, f"{name} {after!r} added")
    elif after is None:
        yield _wider(path, f"{name} {before!r} removed")
    else:
        yield Change(path, f"{name} {before!r} became {after!r}", BOTH)


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _names(values: set[Any]) -> str:
    return ", ".join(sorted(str(value).strip('"') for value in values))


def _bound(value: float) -> str:
    return "none" if math.isinf(value) else f"{value:,}"
