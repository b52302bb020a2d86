"""Read and validate the parameters in `conf/`; report errors with file and line."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from kedro.config import MissingConfigException
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ..edge.errors import SENTENCES, shorten
from ..tracking.mlflow_tracker import MlflowTracker
from .declaration import Problem
from .errors import ConfigurationError
from .loader import BASE, EXPERIMENTS, LOCAL, Loader
from .parameters import Parameters
from .search import Sweep

CONF = "conf"
DEFAULT = "__default__"  # pipeline that runs if none is named
DEFAULT_KEY = "default"  # its problem: Kedro ignores keys that begin with `_`
Model = TypeVar("Model", bound=BaseModel)
# Keys of an earlier release. Remove them after v0.2.
RENAMED = {"kind": "type", "kinds": "types"}
VALUELESS = {
    *("axis", "extra_forbidden", "missing", "not_installed", "own_model", "target"),
    "union_tag_not_found",
}


def read(
    project: Path,
    env: str | None = None,
    given: Mapping[str, Any] | None = None,
    *,
    training: bool = True,
    origin: str = "--set",
) -> Parameters:
    """Read and validate the parameters.

    Args:
        project: Directory of the project.
        env: Directory of `conf/` that overrides `base`.
        given: Parameters for this run only, nested.
        training: Whether the libraries to train the models must be installed.
        origin: Where the given parameters come from, for errors.

    Raises:
        ConfigurationError: A file cannot be read, or a key, type, range or tag is invalid.
    """
    tree = section(project, env, "parameters", given)
    files = Files(project / CONF, env, "parameters", given or {}, origin)
    return _validated(Parameters, tree, files, training=training)


def check(
    tree: Mapping[str, Any], conf: Path, env: str | None = None, *, training: bool = True
) -> Parameters:
    """Validate parameters.

    Raises:
        ConfigurationError: A key, type, range or tag is invalid.
    """
    return _validated(Parameters, tree, Files(conf, env, "parameters"), training=training)


def problem(project: Path, env: str | None = None, pipeline: str = DEFAULT) -> Problem:
    """Return the problem that `conf/` declares for a pipeline.

    Raises:
        ConfigurationError: There is none, or it is invalid.
    """
    declared = problems(section(project, env, "problems"), project / CONF, env)
    if pipeline not in declared:
        known = ", ".join(sorted(declared)) or "none"
        raise ConfigurationError(
            f"{project / CONF} declares no problem of the pipeline {pipeline!r} in problems.yml; "
            f"expected one of {known}"
        )
    return declared[pipeline]


def problems(tree: Mapping[str, Any], conf: Path, env: str | None = None) -> dict[str, Problem]:
    """Validate problems, by the name of their pipeline.

    Raises:
        ConfigurationError: A key, type or name is invalid.
    """
    files = Files(conf, env, "problems")
    return {
        DEFAULT if name == DEFAULT_KEY else name: _validated(Problem, each, files, name)
        for name, each in tree.items()
    }


def sweep(project: Path, env: str | None, name: str) -> Sweep:
    """Return a sweep that `conf/` declares.

    Raises:
        ConfigurationError: There is none, or it is invalid.
    """
    declared = section(project, env, "sweeps")
    if name not in declared:
        known = ", ".join(sorted(declared)) or "none"
        raise ConfigurationError(f"unknown sweep {name!r} in conf; expected one of {known}")
    tree = declared[name] if isinstance(declared[name], dict) else {}
    return _validated(Sweep, tree, Files(project / CONF, env, "sweeps"), name)


def experiment(project: Path, env: str | None, name: str) -> dict[str, Any]:
    """Return the parameters that an experiment in `conf/*/experiments/NAME.yml` changes.

    Raises:
        ConfigurationError: There is none, or a key, type, range or tag is invalid.
    """
    directories = [project / CONF / each / EXPERIMENTS for each in (BASE, env or LOCAL)]
    known = sorted({file.stem for each in directories for file in each.glob("*.y*ml")})
    if name not in known:
        raise ConfigurationError(
            f"unknown experiment {name!r} in {CONF}/{BASE}/{EXPERIMENTS}; "
            f"expected one of {', '.join(known) or 'none'}"
        )
    if name.startswith(("catalog", "credentials", "logging", "parameters")):
        raise ConfigurationError(f"rename the experiment {name}: Kedro reads such a file always")
    tree = section(project, env, f"{EXPERIMENTS}/{name}")
    read(project, env, tree, training=False, origin=f"experiment {name}")
    return tree


def section(
    project: Path, env: str | None, name: str, given: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Read the files of `conf/` with this name: `parameters`, `problems`, `experiments/quick`.

    Raises:
        ConfigurationError: A file cannot be read, or the environment does not exist.
    """
    conf = project / CONF
    if not (conf / BASE).is_dir():
        raise ConfigurationError(f"{conf / BASE} is not a directory; run this in the project")
    if env and not (conf / env).is_dir():
        known = sorted(path.name for path in conf.iterdir() if path.is_dir())
        raise ConfigurationError(
            f"unknown environment {env!r} in conf; expected one of {', '.join(known)}"
        )
    try:
        return Loader(conf, env, dict(given or {}))[name]
    except MissingConfigException:
        return {}
    except Exception as error:  # Kedro, OmegaConf and YAML share no base class of errors
        raise ConfigurationError(f"{conf}: {' '.join(str(error).split())}") from error


def tracker(parameters: Parameters, project: Path) -> MlflowTracker:
    """Return the tracker that the parameters declare."""
    return MlflowTracker(parameters.tracking.uri, parameters.tracking.artifacts, project)


@dataclass(frozen=True)
class Files:
    """Files of `conf/` with one name, such as `parameters`, of base and of an environment."""

    conf: Path
    env: str | None
    name: str
    given: Mapping[str, Any] = field(default_factory=dict)
    origin: str = ""

    def location(self, keys: list[str], documents: list[tuple[Path, yaml.Node]]) -> str:
        """Return where a key is declared: where it was given, or else its file and line."""
        inner: Any = self.given
        for number, key in enumerate(keys):
            if not isinstance(inner, Mapping) or key not in inner:
                # Only sections that were given as a whole contain keys that nobody gave.
                is_given = number > 0 and isinstance(inner, Mapping) and "type" in inner
                return f"{self.origin}: " if is_given else _location(keys, documents)
            inner = inner[key]
        return f"{self.origin}: "

    def documents(self) -> Iterator[tuple[Path, yaml.Node]]:
        """Parse the files again to find line numbers; yield the file with precedence first."""
        for directory in dict.fromkeys([self.env or "local", BASE]):
            for path in sorted((self.conf / directory).glob(f"**/{self.name}*.y*ml")):
                document = yaml.compose(path.read_text(encoding="utf-8"))
                if document is not None:
                    yield path, document


def _validated(
    model: type[Model], tree: Mapping[str, Any], files: Files, *above: str, training: bool = True
) -> Model:
    """Validate a section, which is below some keys of its files."""
    try:
        return model.model_validate(tree, context={"training": training})
    except ValidationError as error:
        documents = [*files.documents()]
        errors = error.errors(include_url=False)
        lines = [_explain(each, model, tree, [*above], files, documents) for each in errors]
        raise ConfigurationError("\n".join(lines)) from error


def _explain(
    error: ErrorDetails,
    model: type[BaseModel],
    tree: Mapping[str, Any],
    above: list[str],
    files: Files,
    documents: list[tuple[Path, yaml.Node]],
) -> str:
    below, models = _walk(error["loc"], model, tree)
    keys = [*above, *below]
    rule, context = error["type"], error.get("ctx", {})
    reason = SENTENCES.get(rule) or re.sub(r"^\w+ should", "must", error["msg"])
    value = error["input"]
    if rule in {"union_tag_not_found", "own_model"} and isinstance(value, dict) and "kind" in value:
        rule, keys = "extra_forbidden", [*keys, "kind"]
    if rule == "extra_forbidden" and keys[-1] in RENAMED:
        return f"{files.location(keys, documents)}{'.'.join(keys)} is now `{RENAMED[keys[-1]]}`"
    if rule == "extra_forbidden":
        allowed = sorted({name for model in models for name in model.model_fields})
        reason = f"is an unknown key; expected one of {', '.join(allowed)}"
    elif rule in {"union_tag_invalid", "union_tag_not_found"}:
        keys = [*keys, "type"]
        tags = context.get("expected_tags") or _tags(models)
        reason = f"must be one of {tags}" if rule == "union_tag_invalid" else f"is missing: {tags}"
    given = context.get("tag", error["input"])
    actual = "" if rule in VALUELESS else f", not {shorten(given)}"
    return f"{files.location(keys, documents)}{'.'.join(keys)} {reason}{actual}"


def _walk(
    location: tuple[int | str, ...], model: type[BaseModel], tree: Mapping[str, Any]
) -> tuple[list[str], list[type[BaseModel]]]:
    """Return the keys of a location without pydantic's tags, and the models of the last key."""
    keys: list[str] = []
    models: list[type[BaseModel]] = [model]
    section: Any = tree
    for number, step in enumerate(location):
        is_last = number == len(location) - 1
        if isinstance(section, Mapping) and step == section.get("type") and step not in section:
            models = [each for each in models if each.model_fields["type"].default == step]
            continue
        keys.append(str(step))
        section = section.get(step) if isinstance(section, Mapping) else None
        fields = [each.model_fields[str(step)] for each in models if step in each.model_fields]
        if fields or not is_last:
            models = [each for field in fields for each in models_of(field.annotation)] or models
    return keys, models


def models_of(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the models in a type, such as those of a union."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_of(part)


def _tags(models: list[type[BaseModel]]) -> str:
    return ", ".join(repr(model.model_fields["type"].default) for model in models)


def _location(keys: list[str], documents: list[tuple[Path, yaml.Node]]) -> str:
    """Return file and line of a key, or of the closest parent that is declared."""
    for path, document in documents:
        node, line = document, 0
        for key in keys:
            pairs = node.value if isinstance(node, yaml.MappingNode) else []
            pair = next((pair for pair in pairs if pair[0].value == key), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        if line:
            return f"{path}:{line}: "
    return f"{documents[-1][0]}: " if documents else ""
