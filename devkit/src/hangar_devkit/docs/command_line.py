"""The generated page of the project's commands, read from their click or Typer objects."""

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_type_hints

from hangar_devkit import pyproject
from hangar_devkit.docs.registry import PageError

# Options that Typer adds to every program; they depend on the machine.
COMPLETION = {"install_completion", "show_completion"}


def page(root: Path) -> str | None:
    """Describe every command of `[project.scripts]`; return None without one of click or Typer.

    Raises:
        PageError: A command cannot be imported.
    """
    scripts = pyproject.table(pyproject.load(root), "project", "scripts")
    parts = [
        part
        for name, target in scripts.items()
        if (command := _load(name, str(target))) is not None
        for part in _command(command, name, 2)
    ]
    return "\n\n".join(["# Command line", *parts]) + "\n" if parts else None


def _load(name: str, target: str) -> Any | None:  # noqa: ANN401 - click's, or Typer's own copy of it
    """Return the command at `module:attribute`, or the first one in the module."""
    path, _, attribute = target.partition(":")
    try:
        module = importlib.import_module(path)
        candidates = [getattr(module, attribute), *vars(module).values()]
    except (ImportError, AttributeError) as error:
        raise PageError(
            f"pyproject.toml: cannot import the command {name} from {target}: {error}"
        ) from error
    for candidate in candidates:
        if type(candidate).__name__ == "Typer":
            return importlib.import_module("typer.main").get_command(candidate)
        if hasattr(candidate, "params") and hasattr(candidate, "get_usage"):
            return candidate
    return None


def _command(command: Any, path: str, level: int) -> Iterator[str]:  # noqa: ANN401
    """Yield the parts of a command's section, then those of its subcommands."""
    params = [p for p in command.params if p.name not in COMPLETION and not _hidden(p)]
    arguments = [p for p in params if p.param_type_name == "argument"]
    options = [p for p in params if p.param_type_name == "option"]
    children = {n: c for n, c in getattr(command, "commands", {}).items() if not c.hidden}
    usage = [path, *(["[OPTIONS]"] if options else []), *(_metavar(p) for p in arguments)]
    yield f"{'#' * level} `{path}`"
    if command.help:
        yield command.help.replace("\f", "").strip()
    yield f"```text\n{' '.join([*usage, *(['COMMAND'] if children else [])])}\n```"
    if params:
        rows = [_row(param, command.callback) for param in [*arguments, *options]]
        yield "\n".join(["| Name | Meaning | Default |", "| --- | --- | --- |", *rows])
    for name, child in children.items():
        yield from _command(child, f"{path} {name}", min(level + 1, 6))


def _hidden(param: Any) -> bool:  # noqa: ANN401
    return bool(getattr(param, "hidden", False))


def _metavar(argument: Any) -> str:  # noqa: ANN401
    name = str(argument.metavar or argument.name).upper()
    many = "..." if argument.nargs != 1 else ""
    return f"{name}{many}" if argument.required else f"[{name}{many}]"


def _row(param: Any, function: Callable[..., Any] | None) -> str:  # noqa: ANN401
    if param.param_type_name == "argument":
        name = f"`{_metavar(param)}`"
    else:
        value = "" if param.is_flag else f" {param.metavar or param.name.upper()}"
        name = ", ".join(f"`{o}{value}`" for o in [*param.opts, *param.secondary_opts])
    help_text = " ".join((getattr(param, "help", None) or _declared(param.name, function)).split())
    cells = name, help_text, "required" if param.required else _default(param)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _declared(name: str, function: Callable[..., Any] | None) -> str:
    """Return the help in a parameter's annotation; Typer before 0.26 loses it with click 8.2."""
    hint = get_type_hints(function, include_extras=True).get(name) if function else None
    texts = (getattr(extra, "help", None) for extra in getattr(hint, "__metadata__", ()))
    return next(filter(None, texts), "")


def _default(param: Any) -> str:  # noqa: ANN401
    """Return the default if it is a plain value; a computed one may differ between machines."""
    plain = isinstance(param.default, str | int | float) and str(param.default)
    return f"`{param.default}`" if plain else ""
