"""Parameters of one run, from `--set KEY=VALUE`. Nothing that is set is silently without effect."""

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from ..models.parameters import own_module
from .configuration import models_of, section
from .errors import ConfigurationError
from .loader import Whole
from .parameters import Parameters


def assigned(pairs: list[str]) -> dict[str, Any]:
    """Parse `key=value` pairs into nested parameters; values are read like those in `conf/`.

    Raises:
        ConfigurationError: A pair has no key, its value is not YAML, or another pair overrides it.
    """
    tree: dict[str, Any] = {}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        if not sign or not all(name.split(".")):
            raise ConfigurationError(f"--set requires KEY=VALUE, not {pair!r}")
        try:
            # The parser of `conf/`: it reads 1e-3 as a number, which other parsers do not.
            parsed = OmegaConf.create("value:\n" + textwrap.indent(text, "  "))
            value = OmegaConf.to_container(parsed)["value"]  # type: ignore[index, call-overload]
        except Exception as error:  # OmegaConf and YAML share no base class of errors
            raise ConfigurationError(f"--set {pair}: the value is not valid YAML") from error
        _insert(tree, name, value)
    return tree


def nested(assignments: Mapping[str, Any]) -> dict[str, Any]:
    """Turn `{"a.b": 1}` into `{"a": {"b": 1}}`.

    Raises:
        ConfigurationError: One key is inside the value of another.
    """
    tree: dict[str, Any] = {}
    for path, value in assignments.items():
        _insert(tree, path, value)
    return tree


def completed(
    project: Path, env: str | None, given: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Complete sections that get another `type`: they keep the values that both types have.

    Args:
        project: Directory of the project.
        env: Directory of `conf/` that overrides `base`.
        given: Parameters for this run only, nested.

    Returns:
        The completed parameters, and a line about the values of each section that are dropped.
    """
    dropped: list[str] = []
    declared = section(project, env, "parameters")
    return _completed(declared, given, [Parameters], "", dropped), dropped


def _insert(tree: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    inner = tree
    for parent in parents:
        inner = inner.setdefault(parent, {})
        if not isinstance(inner, dict) or isinstance(inner, Whole):
            raise ConfigurationError(f"{path} is set inside of {parent}, which is set to a value")
    if last in inner:
        raise ConfigurationError(f"{path} is set twice: only one of the values can have an effect")
    # An empty section would change nothing if it were merged into the declared one.
    inner[last] = Whole() if value == {} else value


def _completed(
    declared: Mapping[str, Any],
    given: Mapping[str, Any],
    models: list[type[BaseModel]],
    above: str,
    dropped: list[str],
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in given.items():
        old, key = declared.get(name), f"{above}{name}"
        inner = [*_fields(models, name)]
        if (
            not isinstance(value, Mapping)
            or not isinstance(old, Mapping)
            or isinstance(value, Whole)
        ):
            result[name] = value
        elif "type" in value and value["type"] != old.get("type"):
            known = {*_keys(inner, value["type"])}
            keep = {each: old[each] for each in old if each in known and each != "type"}
            result[name] = {**keep, **value}
            if lost := [each for each in old if each not in {*keep, *value, "type"}]:
                title = f"{key}.type={value['type']}"
                dropped.append(f"{title} drops {', '.join(lost)} of {old.get('type')}")
        else:
            result[name] = _completed(old, value, inner, f"{key}.", dropped)
    return result


def _fields(models: list[type[BaseModel]], name: str) -> Iterator[type[BaseModel]]:
    for model in models:
        if name in model.model_fields:
            yield from models_of(model.model_fields[name].annotation)


def _keys(models: list[type[BaseModel]], tag: str) -> Iterator[str]:
    """Yield the keys of a section with this `type`."""
    chosen = [
        each
        for each in models
        if "type" in each.model_fields and each.model_fields["type"].default == tag
    ]
    if "." in str(tag):  # a model of the project's own
        try:
            chosen = [own_module(tag).Parameters]
        except PydanticCustomError:
            chosen = []  # the validation explains it
    for model in chosen:
        yield from model.model_fields
