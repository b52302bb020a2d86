"""The generated page of the nox sessions, read from the noxfile without running it."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from hangar_devkit.docs.registry import PageError

FILES = ("noxfile.py", "nox_local.py")
HEAD = """\
# Sessions

Run a session with `nox -s NAME`, or `nox -s NAME -- ARGUMENTS` where it takes arguments.
A bare `nox` runs {default}.
Put sessions of your own into `nox_local.py`; an update leaves it alone.
"""


def page(root: Path) -> str | None:
    """List the sessions with their docstrings, in the order of the files.

    Raises:
        PageError: A file is not Python.
    """
    trees = [_parse(root / name) for name in FILES if (root / name).exists()]
    if not trees:
        return None
    default = ", ".join(f"`{name}`" for tree in trees for name in _default(tree)) or "every session"
    sections = [
        f"## {name}\n\n{inspect.cleandoc(text)}\n"
        for tree in trees
        for name, text in _sessions(tree)
    ]
    return "\n".join([HEAD.format(default=default), *sections])


def _parse(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError) as error:
        raise PageError(f"{path}: not Python: {error}") from error


def _sessions(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                call = decorator.func if isinstance(decorator, ast.Call) else decorator
                if ast.unparse(call) in {"nox.session", "session"}:
                    yield _name(node, decorator), ast.get_docstring(node) or ""


def _name(node: ast.FunctionDef, decorator: ast.expr) -> str:
    """Return the name that `@nox.session(name=...)` gives, else the function's own."""
    for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    return node.name


def _default(tree: ast.Module) -> list[str]:
    """Return the names in `nox.options.sessions = [...]`."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "nox.options.sessions":
            try:
                return [str(name) for name in ast.literal_eval(node.value)]
            except ValueError:
                return []
    return []
