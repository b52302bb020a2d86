"""Reader of a project's `pyproject.toml`."""

import tomllib
from pathlib import Path
from typing import Any


class PyprojectError(Exception):
    """The `pyproject.toml` cannot be used; the message says why and what to do."""


def load(root: Path) -> dict[str, Any]:
    """Read the `pyproject.toml` of a project.

    Raises:
        PyprojectError: It is missing, or not TOML.
    """
    path = root / "pyproject.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PyprojectError(
            f"{path}: {error.strerror}; run the command in the project's root"
        ) from error
    except ValueError as error:  # TOML or UTF-8
        raise PyprojectError(f"{path}: {error}") from error


def table(document: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return a table of a TOML document; an empty one where there is none of the name."""
    for name in names:
        inner = document.get(name)
        document = inner if isinstance(inner, dict) else {}
    return document


def version(document: dict[str, Any]) -> str:
    """Return the version of a project; empty where it is not known.

    A dynamic version is that of the installed distribution.
    """
    project = table(document, "project")
    if "version" in project:
        return str(project["version"])
    # Imported here, as it takes longer than the rest of most commands, which run at each commit.
    import importlib.metadata  # noqa: PLC0415

    try:
        return importlib.metadata.version(str(project.get("name", "")))
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return ""
