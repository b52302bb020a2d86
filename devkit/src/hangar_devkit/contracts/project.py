"""The project's contracts and settings: where they are, and how to import them."""

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from hangar_devkit import pyproject
from hangar_devkit.contracts.schema_generator import VERSION, VERSION_KEY, SchemaGenerator

EXAMPLE = 'contracts = "package.module"'


class ContractsError(Exception):
    """The command cannot work on the contracts; the message says why and what to do."""


@dataclass(frozen=True)
class Project:
    """Where the contracts of a project are.

    Attributes:
        root: The project.
        contracts: The module of the contracts; empty for none.
        settings: The settings as `module:Class`; empty for none.
        edge: The package that reads files by contracts, as the template has it; empty for none.
        version: The version of the project; empty where it is not known.
    """

    root: Path
    contracts: str
    settings: str
    edge: str
    version: str


def find(root: Path) -> Project:
    """Find contracts and settings: named by `[tool.hangar]`, or in the template's layout.

    Raises:
        ContractsError: Neither names any, or more than one package has the layout.
        PyprojectError: The `pyproject.toml` cannot be read.
    """
    document = pyproject.load(root)
    named = pyproject.table(document, "tool", "hangar")
    contracts, settings = (str(named.get(name, "")) for name in ("contracts", "settings"))
    packages = sorted(path.parent.parent for path in root.glob("src/*/edge/contract.py"))
    edge = ""
    if len(packages) == 1:
        package = packages[0]
        edge = f"{package.name}.edge"
        if not contracts and (package / "schemas" / "__init__.py").exists():
            contracts = f"{package.name}.schemas"
        if not settings and (package / "settings.py").exists():
            settings = f"{package.name}.settings:Settings"
    elif packages and not contracts:
        names = ", ".join(package.name for package in packages)
        raise ContractsError(
            f"several packages have contracts ({names}); name the module of one in "
            f"pyproject.toml under [tool.hangar]: {EXAMPLE}"
        )
    if not (contracts or settings or edge):
        raise ContractsError(
            "no contracts found; name the module of your pydantic models in pyproject.toml "
            f"under [tool.hangar]: {EXAMPLE}"
        )
    return Project(root, contracts, settings, edge, pyproject.version(document))


def models(project: Project) -> list[type[BaseModel]]:
    """Return the contracts: the models in `__all__`, or without it the public ones defined there.

    Raises:
        ContractsError: The module cannot be imported, or `__all__` has a name that it has not.
    """
    if not project.contracts:
        return []
    module = load(project, project.contracts)
    if hasattr(module, "__all__"):
        missing = [name for name in module.__all__ if not hasattr(module, name)]
        if missing:
            raise ContractsError(f"{project.contracts}: __all__ lists {missing[0]}, not defined")
        candidates = [getattr(module, name) for name in module.__all__]
    else:
        inside = f"{module.__name__}."
        candidates = [
            value
            for name, value in vars(module).items()
            if not name.startswith("_")
            and f"{getattr(value, '__module__', '')}.".startswith(inside)
        ]
    return list(dict.fromkeys(filter(_is_contract, candidates)))


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a contract.

    Raises:
        ContractsError: The model has a field that JSON Schema cannot express.
    """
    try:
        schema = model.model_json_schema(schema_generator=SchemaGenerator)
    except Exception as error:  # validators and types of the project may raise anything
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ContractsError(f"{model.__name__} has no JSON Schema: {reason}") from error
    return {**schema, VERSION_KEY: VERSION}


def load(project: Project, name: str) -> Any:  # noqa: ANN401 (the project's modules have no types here)
    """Import a module of the project.

    Raises:
        ContractsError: It cannot be imported.
    """
    top = name.partition(".")[0]
    for folder in (project.root / "src", project.root):
        if (folder / top).is_dir() or (folder / f"{top}.py").exists():
            if str(folder) not in sys.path:
                sys.path.insert(0, str(folder))
            break
    try:
        return importlib.import_module(name)
    except Exception as error:  # whatever the module raises
        raise ContractsError(f"{name} cannot be imported: {error!r}") from error


def _is_contract(value: object) -> bool:
    """Return whether a value is a model of data: not a base class, and not settings."""
    settings = getattr(sys.modules.get("pydantic_settings"), "BaseSettings", ())
    return (
        isinstance(value, type)
        and issubclass(value, BaseModel)
        and bool(value.model_fields)
        and not issubclass(value, settings)
    )
