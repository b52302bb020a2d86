"""Comparison of `.env.example` with the settings that the program declares."""

import os
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, ValidationError

from hangar_devkit import dotenv
from hangar_devkit.contracts.project import ContractsError, Project, load

EXAMPLE = ".env.example"


def differences(project: Project) -> list[str]:
    """Compare names and values of `.env.example` with the settings class.

    Returns:
        A line for each variable that only one of them has, or whose example value is invalid.

    Raises:
        ContractsError: The settings cannot be imported.
    """
    if not project.settings:
        return []
    name, _, attribute = project.settings.partition(":")
    settings = getattr(load(project, name), attribute or "Settings", None)
    if not hasattr(settings, "model_fields"):
        raise ContractsError(
            f"{name} has no pydantic-settings class {attribute or 'Settings'}; name it in "
            'pyproject.toml under [tool.hangar]: settings = "package.module:Class"'
        )
    return [f"{EXAMPLE}: {line}" for line in _compare(settings, name, project.root / EXAMPLE)]


def _compare(settings: Any, module: str, path: Path) -> list[str]:  # noqa: ANN401
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
    except UnicodeDecodeError as error:
        raise ContractsError(
            f"{EXAMPLE}: not UTF-8 (byte {error.start}); save it as that"
        ) from error
    listed = {name.upper(): value for name, value in dotenv.parse(text).items()}
    prefix = settings.model_config.get("env_prefix", "").upper()
    variables = {name: _variables(name, field, prefix) for name, field in _fields(settings)}
    delimiter = settings.model_config.get("env_nested_delimiter")

    def sets(variable: str, candidates: list[str]) -> bool:
        nested = tuple(f"{name}{delimiter.upper()}" for name in candidates) if delimiter else ()
        return variable in candidates or variable.startswith(nested or ("\0",))

    lines = [
        f"add {candidates[0]}, which {module} declares"
        for candidates in variables.values()
        if not any(sets(variable, candidates) for variable in listed)
    ]
    if prefix:
        lines += [
            f"remove {variable}, which no setting reads"
            for variable in listed
            if variable.startswith(prefix)
            and not any(sets(variable, candidates) for candidates in variables.values())
        ]
    given = {
        location: candidate
        for name, candidates in variables.items()
        for candidate in candidates
        if listed.get(candidate)
        for location in (name, candidate)
    }
    return lines + _invalid(settings, given, path)


def _fields(settings: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
    return list(settings.model_fields.items())


def _variables(name: str, field: Any, prefix: str) -> list[str]:  # noqa: ANN401
    """Return the variables from which a setting is read, in upper case, the first one preferred."""
    alias = field.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
    names = [choice.upper() for choice in choices if isinstance(choice, str)]
    return names or [f"{prefix}{name.upper()}"]


def _invalid(settings: Any, given: dict[str, str], path: Path) -> list[str]:  # noqa: ANN401
    """Read the example as the program would, and return a line for each invalid value."""
    environment = dict(os.environ)
    for name in [name for name in os.environ if name.upper() in given.values()]:
        del os.environ[name]
    try:
        settings(_env_file=path, _env_ignore_empty=True)
    except ValidationError as error:
        problems = [(str(each["loc"][0]), each["msg"]) for each in error.errors() if each["loc"]]
        locations = [
            (location if location in given else location.upper(), message)
            for location, message in problems
        ]
        return [f"{given[each]}: {message}" for each, message in locations if each in given]
    except ValueError as error:  # pydantic-settings could not parse a value
        return [str(error).splitlines()[0]]
    except Exception as error:  # validators of the project may raise anything
        raise ContractsError(f"{EXAMPLE}: a validator of the settings: {error!r}") from error
    finally:
        os.environ.clear()
        os.environ.update(environment)
    return []
