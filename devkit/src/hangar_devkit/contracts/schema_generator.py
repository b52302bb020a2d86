"""JSON Schema of a model, with what JSON Schema cannot express under keywords of its own.

- `x-rules`: of a value, such as the digits of a decimal, the bounds of a time, and its zone.
- `x-model`: how a model reads its fields, where that is not pydantic's default.
- `x-validators`: the functions of the project that check or change a value, by name.
- `x-keys`: the schema of the keys of a mapping, where they are not any text.
- `x-aliases`: all names by which a field is read, where there are several.
- `x-array`: shape and dtypes of an array.

Validators of JSON Schema ignore keywords that they do not know.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from pydantic import EncodedStr
from pydantic.json_schema import GenerateJsonSchema, JsonRef, JsonSchemaValue
from pydantic_core import core_schema, to_jsonable_python

# Written into each exported document: a schema without it says nothing about these rules.
VERSION_KEY = "x-rules-version"
VERSION = 1
BOUNDS = ("gt", "ge", "lt", "le")
# Type of pydantic's core schema -> the rules that JSON Schema does not have.
RULES: dict[str, tuple[str, ...]] = {
    "decimal": (*BOUNDS, "multiple_of", "max_digits", "decimal_places", "allow_inf_nan"),
    "fraction": BOUNDS,
    "complex": ("allow_inf_nan",),
    "float": ("allow_inf_nan",),
    "str": ("strip_whitespace", "to_lower", "to_upper", "ascii_only", "coerce_numbers_to_str"),
    "date": (*BOUNDS, "now_op"),
    "datetime": (*BOUNDS, "now_op", "tz_constraint"),
    "time": (*BOUNDS, "tz_constraint"),
    "timedelta": BOUNDS,
    "union": ("mode",),
}
URL_RULES = ("allowed_schemes", "host_required", "default_host")
# Arguments of the functions by which pydantic applies a rule to a type that has none of its own.
CONSTRAINTS = {*BOUNDS, "multiple_of", "min_length", "max_length", "max_digits", "decimal_places"}
# Types whose JSON Schema is that of another type.
ALWAYS = {"decimal", "fraction", "complex", "generator"}
# Configuration of a model that decides which values it accepts -> pydantic's default.
CONFIG: dict[str, Any] = {
    "strict": False,
    "frozen": False,
    "allow_inf_nan": True,
    "str_strip_whitespace": False,
    "str_to_lower": False,
    "str_to_upper": False,
    "str_min_length": 0,
    "str_max_length": None,
    "coerce_numbers_to_str": False,
    "validate_by_alias": True,
    "validate_by_name": False,
    "populate_by_name": False,
    "val_json_bytes": "utf8",
    "val_temporal_unit": "infer",
}
FUNCTIONS = {
    "function-before": "before",
    "function-after": "after",
    "function-wrap": "wrap",
    "function-plain": "plain",
}


class SchemaGenerator(GenerateJsonSchema):
    """Generator of JSON Schema that adds the keywords of this module."""

    ignored_modules: ClassVar[tuple[str, ...]] = ("pydantic", "pydantic_core")

    def generate_inner(self, schema: core_schema.CoreSchema) -> JsonSchemaValue:
        """Add the rules of a value to its schema."""
        exported = super().generate_inner(schema)
        own: Mapping[str, Any] = schema
        added: dict[str, Any] = {}
        if rules := _rules(own):
            added["x-rules"] = {"type": own["type"], **rules}
        elif _is_encoded_text(own):
            added["x-rules"] = {"type": "str", "utf8": True}
        target = exported
        if "ref" in own and "$ref" in exported:
            target = self.get_schema_from_definitions(JsonRef(exported["$ref"])) or exported
        if (position := FUNCTIONS.get(own["type"])) and (name := self._name(own["function"])):
            added["x-validators"] = [*target.get("x-validators", []), f"{position} {name}"]
        if target is not exported:
            target.update(added)
            return exported
        return {**exported, **added}

    def url_schema(self, schema: core_schema.UrlSchema) -> JsonSchemaValue:
        """Add the schemes, which the classes of pydantic leave out."""
        return {**super().url_schema(schema), **_url_rules(schema)}

    def multi_host_url_schema(self, schema: core_schema.MultiHostUrlSchema) -> JsonSchemaValue:
        """Add the schemes, which the classes of pydantic leave out."""
        return {**super().multi_host_url_schema(schema), **_url_rules(schema)}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Add the schema of the keys, unless any text is a key."""
        exported = super().dict_schema(schema)
        keys = schema.get("keys_schema")
        if keys is not None and (keys["type"] != "str" or len(keys) > 1):
            exported = {**exported, "x-keys": self.generate_inner(keys)}
        return exported

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Add how the model reads its fields."""
        exported = super().model_schema(schema)
        config = schema["cls"].model_config
        changed = {
            name: config[name]
            for name, default in CONFIG.items()
            if config.get(name) not in (None, default)
        }
        return {**exported, "x-model": changed} if changed else exported

    def model_field_schema(self, schema: core_schema.ModelField) -> JsonSchemaValue:
        """Add all names of a field, of which JSON Schema has the first."""
        exported = super().model_field_schema(schema)
        alias = schema.get("validation_alias")
        paths: list[Any] = alias if isinstance(alias, list) else []
        if len(paths) > 1 and isinstance(paths[0], list):
            names = [".".join(map(str, path)) for path in paths]
            exported = {**exported, "x-aliases": names}
        return exported

    def is_instance_schema(self, schema: core_schema.IsInstanceSchema) -> JsonSchemaValue:
        """Export shape and dtypes of an array that is annotated by jaxtyping."""
        annotation = schema["cls"]
        if not hasattr(annotation, "dim_str"):
            return super().is_instance_schema(schema)
        dtypes = annotation.dtypes
        names = list(dtypes) if isinstance(dtypes, (list, tuple)) else ["any"]
        return {"x-array": {"shape": annotation.dim_str.split(), "dtypes": names}}

    def _name(self, function: Mapping[str, Any]) -> str:
        """Return the name of a function of the project, or of a bound of pydantic's own."""
        called: Any = function["function"]
        if isinstance(called, partial):
            if not CONSTRAINTS.issuperset(called.keywords):
                return ""
            values = ", ".join(
                f"{name}={to_jsonable_python(value, fallback=str)}"
                for name, value in called.keywords.items()
            )
            return f"{_short(called.func)}({values})"
        module = getattr(called, "__module__", None) or type(called).__module__
        if isinstance(called, type) or module.partition(".")[0] in self.ignored_modules:
            return ""
        # The base class of contracts, whose rules are in `x-table` and `x-array`.
        return "" if ".edge." in f"{module}." else _short(called)


def _rules(schema: Mapping[str, Any]) -> dict[str, Any]:
    type_ = schema["type"]
    names = RULES.get(type_, ())
    rules = {name: schema[name] for name in names if schema.get(name) is not None}
    if rules.get("mode") == "smart":
        del rules["mode"]
    if schema.get("strict") and type_ != "union":
        rules["strict"] = True
    if type_ in ALWAYS:
        rules.setdefault("type", type_)
    return {name: _plain(value) for name, value in rules.items()}


def _is_encoded_text(schema: Mapping[str, Any]) -> bool:
    """Return whether it is such as Base64Str, of which JSON Schema says the same as of bytes."""
    function: Any = schema.get("function", {})
    called = function.get("function") if isinstance(function, Mapping) else None
    return isinstance(getattr(called, "__self__", None), EncodedStr)


def _url_rules(schema: Mapping[str, Any]) -> dict[str, Any]:
    rules = {name: schema[name] for name in URL_RULES if schema.get(name)}
    return {"x-rules": {"type": schema["type"], **rules}} if rules else {}


def _plain(value: object) -> Any:  # noqa: ANN401 - a JSON value
    return to_jsonable_python(value, fallback=str)


def _short(function: Any) -> str:  # noqa: ANN401
    name = getattr(function, "__qualname__", type(function).__qualname__)
    return str(name.rpartition("<locals>.")[2])
