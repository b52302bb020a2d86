"""`.env.example` against the settings that the program declares."""

import os
import re
from pathlib import Path
from typing import Any
from unittest import mock

from pydantic import ValidationError

from .project import ContractsError, load, package

ASSIGNMENT = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$", re.MULTILINE)


def disagreements(root: Path) -> list[str]:
    """Compare names and values of `.env.example` with `settings.Settings`.

    Returns:
        A line for each variable that only one of them has, or whose example value is refused.

    Raises:
        ContractsError: The settings cannot be imported.
    """
    if not (root / "src" / package(root) / "settings.py").exists():
        return []
    settings = getattr(load(root, "settings"), "Settings", None)
    if settings is None:
        raise ContractsError("settings.py has no class Settings")
    return [f".env.example: {line}" for line in _compare(settings, root / ".env.example")]


def _compare(settings: Any, path: Path) -> list[str]:  # noqa: ANN401
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    listed = dict(ASSIGNMENT.findall(text))
    prefix = settings.model_config.get("env_prefix", "").upper()
    fields = {f"{prefix}{name.upper()}": name for name in settings.model_fields}
    lines = [f"add {name}, which settings.py declares" for name in fields if name not in listed]
    if prefix:
        mine = [name for name in listed if name.startswith(prefix)]
        lines += [f"remove {name}, which nothing reads" for name in mine if name not in fields]
    given = {field: name for name, field in fields.items() if listed.get(name)}
    return lines + _refused(settings, given, path)


def _refused(settings: Any, given: dict[str, str], path: Path) -> list[str]:  # noqa: ANN401
    """Read the example as the program would, and name the values it refuses."""
    with mock.patch.dict(os.environ):
        for name in [name for name in os.environ if name.upper() in given.values()]:
            del os.environ[name]
        try:
            settings(_env_file=path, _env_ignore_empty=True)
        except ValidationError as error:
            wrong = [(str(detail["loc"][0]), detail["msg"]) for detail in error.errors()]
            return [f"{given[name]}: {why}" for name, why in wrong if name in given]
    return []
