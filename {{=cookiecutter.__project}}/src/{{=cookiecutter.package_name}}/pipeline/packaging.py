"""Package a model for `mlflow models`: signature, requirements and code."""

import ast
import json
import platform
import shutil
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from ..edge import Contract
from ..models.parameters import PACKAGE
from . import drift
from .declaration import Problem, imported
from .scoring import PARAMETERS, PROBLEM

SERVING = f"{PACKAGE}.pipeline.serving"
# A time is text, because the time type of MLflow has no time zone.
TYPES = {"string": "string", "number": "double", "integer": "long", "boolean": "boolean"}


def package(
    directory: Path,
    problem: Problem,
    parameters: Mapping[str, Any],
    modules: Iterable[str],
    data: Iterable[Any] = (),
) -> None:
    """Turn a directory with a trained model into an MLflow model of flavor `python_function`.

    Args:
        directory: Directory that contains the files of the model.
        problem: Problem that the model solves, with its contracts.
        parameters: All parameters of the run, nested.
        modules: Modules of the steps that trained it.
        data: Data of the training, of which a summary is stored.
    """
    (directory / PROBLEM).write_text(problem.model_dump_json(indent=2) + "\n", encoding="utf-8")
    text = json.dumps(parameters, indent=2) + "\n"
    (directory / PARAMETERS).write_text(text, encoding="utf-8")
    contract: type[Contract] = imported(problem.inputs)
    rules = contract.table
    inputs = drift.summarize(data, contract, rules.per or rules.key)
    (directory / drift.FILE).write_text(inputs.model_dump_json(indent=1) + "\n", encoding="utf-8")
    code = directory / "code"
    if code.exists():  # of a run that goes on: a module that was deleted since must not stay
        shutil.rmtree(code)
    shutil.copytree(
        Path(__file__).parents[1],
        code / PACKAGE,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    mlflow = version("mlflow-skinny")
    names = (problem.predictor, problem.inputs, problem.outputs, *_names(parameters))
    libraries = requirements({SERVING, *modules, *(name.rpartition(".")[0] for name in names)})
    lines = [f"mlflow=={mlflow}", *(f"{name}=={version(name)}" for name in libraries)]
    (directory / "requirements.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    python = {"python": platform.python_version(), "dependencies": ["-r requirements.txt"]}
    _write(directory / "python_env.yaml", python)
    flavour = {
        "loader_module": SERVING,
        "data": PROBLEM,
        "code": "code",
        "env": {"virtualenv": "python_env.yaml"},
        "python_version": platform.python_version(),
    }
    signature = {
        "inputs": columns(contract),
        "outputs": columns(imported(problem.outputs)),
        "params": None,
    }
    model = {
        "flavors": {"python_function": flavour},
        "mlflow_version": mlflow,
        "model_uuid": uuid.uuid4().hex,
        "signature": signature,
        "utc_time_created": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}",
    }
    _write(directory / "MLmodel", model)


def requirements(modules: Iterable[str]) -> list[str]:
    """Return the installed distributions that modules of the project import, directly or not.

    Args:
        modules: Names of modules. Those of other modules of the project that they import follow.
    """
    waiting, seen, libraries = {*modules}, set[str](), set[str]()
    while waiting:
        module = waiting.pop()
        seen.add(module)
        if (path := _source(module)) is None:
            continue
        for name in _imports(path, module):
            top = name.partition(".")[0]
            if top != PACKAGE:
                libraries.add(top)
                continue
            # `from package.module import name`: the name is a module, or it is in one.
            own = name if _source(name) else name.rpartition(".")[0]
            parts = own.split(".")
            waiting |= {".".join(parts[:count]) for count in range(1, len(parts) + 1)} - seen
    distributions = packages_distributions()
    found = {each for name in libraries for each in distributions.get(name, ())}
    # The package has MLflow itself, and its own code.
    return sorted(found - {"mlflow", "mlflow-skinny", *distributions.get(PACKAGE, ())})


def imported_names(node: ast.AST, package: list[str]) -> Iterator[str]:
    """Yield the absolute names that a node of a module in a package imports."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package[: len(package) - node.level + 1] if node.level else []
        base = ".".join([*above, *([node.module] if node.module else [])])
        yield from (f"{base}.{alias.name}" for alias in node.names)


def columns(contract: type[BaseModel]) -> str:
    """Return a contract as a column specification of MLflow."""
    schema = contract.model_json_schema()
    required = schema.get("required", [])
    specification = [
        {"type": _type(field, schema), "name": name, "required": name in required}
        for name, field in schema["properties"].items()
    ]
    return json.dumps(specification)


def _type(field: dict[str, Any], schema: dict[str, Any]) -> str:
    """Return the type of a column: that of all its values, or `any`."""
    if "$ref" in field:
        field = schema["$defs"][field["$ref"].rpartition("/")[2]]
    options = [each for each in field.get("anyOf", [field]) if each.get("type") != "null"]
    types = {TYPES.get(str(each.get("type")), "any") for each in options}
    return types.pop() if len(types) == 1 else "any"


def _names(tree: object) -> Iterator[str]:
    """Yield the names in parameters that are modules of the project, such as that of a model."""
    if isinstance(tree, Mapping):
        for value in tree.values():
            yield from _names(value)
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from _names(value)
    elif isinstance(tree, str) and tree.startswith(f"{PACKAGE}."):
        yield f"{tree}."


@cache
def _source(module: str) -> Path | None:
    """Return the file of a module, or None if there is no such module."""
    if module in sys.modules:
        file = getattr(sys.modules[module], "__file__", None)
    else:
        try:
            spec = find_spec(module)
        except (ImportError, ValueError):  # its parent is no package
            return None
        file = spec and spec.origin
    return Path(file) if file and file.endswith(".py") else None


def _imports(path: Path, module: str) -> Iterator[str]:
    """Yield what a module imports when it runs, by absolute names."""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    nodes: list[ast.AST] = [ast.parse(path.read_bytes())]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            nodes += node.orelse
            continue
        nodes += ast.iter_child_nodes(node)
        yield from imported_names(node, package)


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
