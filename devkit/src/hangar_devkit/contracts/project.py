"""The project's own contracts and settings, found where the layout puts them."""

import importlib
import sys
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel


class ContractsError(Exception):
    """The contracts cannot be worked with; the message says why and what to do."""


def package(root: Path) -> str:
    """Return the name of the package that has `schemas/` and `edge/`.

    Raises:
        ContractsError: There is none, or more than one.
    """
    found = sorted(path.parent.parent.name for path in root.glob("src/*/edge/__init__.py"))
    if len(found) != 1:
        raise ContractsError(f"one package with edge/ is wanted in {root / 'src'}, found {found}")
    return found[0]


def version(text: str) -> str:
    """Return the version that the text of a `pyproject.toml` declares."""
    declared: str = tomllib.loads(text)["project"]["version"]
    return declared


def contracts(root: Path) -> list[type[BaseModel]]:
    """Return the models that `schemas/` names in `__all__`, in its order.

    Raises:
        ContractsError: A module of `schemas/` cannot be imported.
    """
    name = package(root)
    if not (root / "src" / name / "schemas" / "__init__.py").exists():
        return []
    module = load(root, "schemas")
    named = [getattr(module, each, None) for each in getattr(module, "__all__", [])]
    return [each for each in named if isinstance(each, type) and issubclass(each, BaseModel)]


def load(root: Path, module: str) -> Any:  # noqa: ANN401 (the project's modules have no types here)
    """Import a module of the project's package.

    Raises:
        ContractsError: It cannot be imported.
    """
    name = f"{package(root)}.{module}"
    source = str(root / "src")
    if source not in sys.path:
        sys.path.insert(0, source)
    try:
        return importlib.import_module(name)
    except Exception as error:  # whatever the user's module raises
        raise ContractsError(f"{name} cannot be imported: {error!r}") from error
