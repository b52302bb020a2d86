"""Reading `conf/` into checked parameters, and saying what is wrong with it, with the place."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ..edge.errors import SENTENCES, shorten
from ..tracking.mlflow_tracker import MlflowTracker
from .loader import BASE, Loader
from .parameters import Parameters

CONF = "conf"
VALUELESS = {"missing", "extra_forbidden", "not_installed", "union_tag_not_found"}


class ConfigurationError(Exception):
    """The configuration is refused; each line of the message has file, key and what is allowed."""


def read(
    project: Path,
    env: str | None = None,
    given: Mapping[str, Any] | None = None,
    *,
    training: bool = True,
) -> Parameters:
    """Read and check the parameters.

    Args:
        project: The project's directory.
        env: Which directory of `conf/` goes over `base`.
        given: Parameters for one run only, nested.
        training: Whether the models must be such as can be trained here.

    Raises:
        ConfigurationError: A file cannot be read, or a key, type, range or tag is wrong.
    """
    conf = project / CONF
    if not (conf / BASE).is_dir():
        raise ConfigurationError(f"{conf / BASE} is no directory; run this in the project")
    if env and not (conf / env).is_dir():
        known = sorted(path.name for path in conf.iterdir() if path.is_dir())
        raise ConfigurationError(f"conf has no environment {env!r}; there are {', '.join(known)}")
    try:
        tree = Loader(conf, env, dict(given or {}))["parameters"]
    except Exception as error:  # Kedro's, OmegaConf's and YAML's errors share no class
        raise ConfigurationError(f"{conf}: {' '.join(str(error).split())}") from error
    return check(tree, conf, env, training=training)


def check(
    tree: Mapping[str, Any], conf: Path, env: str | None = None, *, training: bool = True
) -> Parameters:
    """Check parameters that were read.

    Raises:
        ConfigurationError: A key, type, range or tag is wrong.
    """
    try:
        return Parameters.model_validate(dict(tree), context={"training": training})
    except ValidationError as error:
        documents = [*_documents(conf, env)]
        lines = [_refusal(each, tree, documents) for each in error.errors(include_url=False)]
        raise ConfigurationError("\n".join(lines)) from error


def tracker(said: Parameters, project: Path) -> MlflowTracker:
    """Give the tracker that the parameters name."""
    return MlflowTracker(said.tracking.uri, said.tracking.artifacts, project)


def assigned(pairs: list[str]) -> dict[str, Any]:
    """Read `key=value` pairs, whose values are YAML, into a tree.

    Raises:
        ConfigurationError: There is no `=`, or the value is no YAML.
    """
    values = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise ConfigurationError(f"--set wants KEY=VALUE, not {pair!r}")
        try:
            values[name] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise ConfigurationError(f"--set {pair}: the value is no YAML") from error
    return nested(values)


def nested(assignments: Mapping[str, Any]) -> dict[str, Any]:
    """Turn `{"a.b": 1}` into `{"a": {"b": 1}}`."""
    tree: dict[str, Any] = {}
    for path, value in assignments.items():
        *parents, last = path.split(".")
        place = tree
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return tree


def _documents(conf: Path, env: str | None) -> Iterator[tuple[Path, yaml.Node]]:
    """Parse the files again, for the lines; the one that wins comes first."""
    for directory in dict.fromkeys([env or "local", BASE]):
        for path in sorted((conf / directory).glob("**/parameters*.y*ml")):
            document = yaml.compose(path.read_text(encoding="utf-8"))
            if document is not None:
                yield path, document


def _refusal(
    error: ErrorDetails, tree: Mapping[str, Any], documents: list[tuple[Path, yaml.Node]]
) -> str:
    keys, models = _walk(error["loc"], tree)
    rule, context = error["type"], error.get("ctx", {})
    reason = SENTENCES.get(rule) or re.sub(r"^\w+ should", "must", error["msg"])
    if rule == "extra_forbidden":
        allowed = sorted({name for model in models for name in model.model_fields})
        reason = f"is no key here; there are {', '.join(allowed)}"
    elif rule in {"union_tag_invalid", "union_tag_not_found"}:
        keys = [*keys, "kind"]
        tags = context.get("expected_tags") or _tags(models)
        reason = f"must be one of {tags}" if rule == "union_tag_invalid" else f"is missing: {tags}"
    given = context.get("tag", error["input"])
    found = "" if rule in VALUELESS else shorten(given)
    return f"{_place(keys, documents)}{'.'.join(keys)} {reason}{f', not {found}' if found else ''}"


def _walk(
    place: tuple[int | str, ...], tree: Mapping[str, Any]
) -> tuple[list[str], list[type[BaseModel]]]:
    """Follow an error's place: the keys without pydantic's tags, and the models of the last."""
    keys: list[str] = []
    models: list[type[BaseModel]] = [Parameters]
    here: Any = tree
    for number, step in enumerate(place):
        last = number == len(place) - 1
        if isinstance(here, Mapping) and step == here.get("kind") and step not in here:
            models = [model for model in models if model.model_fields["kind"].default == step]
            continue
        keys.append(str(step))
        here = here.get(step) if isinstance(here, Mapping) else None
        fields = [model.model_fields[str(step)] for model in models if step in model.model_fields]
        if fields or not last:
            models = [model for field in fields for model in _models(field.annotation)] or models
    return keys, models


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _tags(models: list[type[BaseModel]]) -> str:
    return ", ".join(repr(model.model_fields["kind"].default) for model in models)


def _place(keys: list[str], documents: list[tuple[Path, yaml.Node]]) -> str:
    """Find the line that says it, or the nearest one above."""
    for path, document in documents:
        node, line = document, 0
        for key in keys:
            pairs = node.value if isinstance(node, yaml.MappingNode) else []
            found = next((pair for pair in pairs if pair[0].value == key), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        if line:
            return f"{path}:{line}: "
    return f"{documents[-1][0]}: " if documents else ""
