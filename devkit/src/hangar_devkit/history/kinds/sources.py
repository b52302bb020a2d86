"""What a test's code, and the project's code that it calls, uses: clocks, chance, the machine."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from hangar_devkit.history.kinds.names import RANDOM, RESOURCE, TIME

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from hangar_devkit.history.fingerprint import Sighting

_PREFIXES: Final = {
    RANDOM: ("random.", "secrets.", "uuid.uuid1", "uuid.uuid4", "os.urandom", "numpy.random."),
    TIME: (
        "time.", "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today",
        "datetime.date.today", "datetime.datetime.fromtimestamp", "datetime.date.fromtimestamp",
        "threading.", "asyncio.", "concurrent.futures.", "multiprocessing.", "queue.",
    ),
    RESOURCE: (
        "socket.", "ssl.", "http.", "urllib.request.", "requests.", "httpx.", "ftplib.",
        "smtplib.", "os.listdir", "os.scandir", "os.walk", "glob.", "fcntl.", "psutil.",
        "shutil.disk_usage", "sqlite3.connect",
    ),
}  # fmt: skip
_METHODS: Final = {
    "iterdir": RESOURCE, "rglob": RESOURCE, "glob": RESOURCE, "shuffle": RANDOM, "astimezone": TIME,
}  # fmt: skip
_ORDERED_BY = frozenset({"list", "tuple", "next", "iter", "enumerate", "join"})
_MOST = 60
"""So many functions are looked at for one test."""


class _Place(NamedTuple):
    """A definition: the file that holds it, and its name there (`Class.method`)."""

    path: Path
    name: str


class _Module(NamedTuple):
    """A parsed file: its definitions by name, what its imports call things, and its sets."""

    definitions: dict[str, ast.AST]
    imports: dict[str, str]
    sets: frozenset[str]


def used(root: Path, nodeid: str, sightings: Sequence[Sighting]) -> dict[str, str]:
    """Return the kinds that a test's code speaks of, each with the name that does.

    Looked at are the test, its fixtures, where its failures were raised, and the project's
    functions that these call, as far as names tell. Files that are gone tell nothing.

    Args:
        root: The project's root.
        nodeid: The test.
        sightings: Its failures.
    """
    path, *names = nodeid.partition("[")[0].split("::")
    waiting = [_Place(root / path, ".".join(names))]
    waiting += [
        _Place(root / frame.path, frame.function.replace(".<locals>", ""))
        for frame in (sightings[-1].frames if sightings else ())
        if frame.kind != "lib"
    ]
    found: dict[str, str] = {}
    seen: set[_Place] = set()
    while waiting and len(seen) < _MOST:
        place = waiting.pop(0)
        module = _parse(place.path)
        definition = module.definitions.get(place.name)
        if place not in seen and definition is not None:
            seen.add(place)
            for kind, word in _words(definition, module):
                found.setdefault(kind, word)
            waiting += _called(root, place, definition, module)
    return found


@cache
def _parse(path: Path) -> _Module:
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return _Module({}, {}, frozenset())
    return _Module(_definitions(tree.body), _imports(tree), _sets(tree))


def _definitions(body: Sequence[ast.stmt], prefix: str = "") -> dict[str, ast.AST]:
    """Return the functions and classes of a body, and those that these classes hold."""
    found: dict[str, ast.AST] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[prefix + node.name] = node
        if isinstance(node, ast.ClassDef):
            found |= _definitions(node.body, f"{prefix}{node.name}.")
    return found


def _imports(tree: ast.Module) -> dict[str, str]:
    """Return what each imported name stands for, spelled out."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                top = name.name.partition(".")[0]
                found[name.asname or top] = name.name if name.asname else top
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            found |= {name.asname or name.name: f"{source}.{name.name}" for name in node.names}
    return found


def _sets(tree: ast.Module) -> frozenset[str]:
    """Return the names that are given to sets."""
    return frozenset(
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_set(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    )


def _words(definition: ast.AST, module: _Module) -> Iterator[tuple[str, str]]:
    """Return what a definition uses, as pairs of kind and name."""
    for node in ast.walk(definition):
        if isinstance(node, ast.Attribute | ast.Name):
            name = _dotted(node, module.imports)
            for kind, prefixes in _PREFIXES.items():
                if name.startswith(prefixes):
                    yield kind, name
            if isinstance(node, ast.Attribute) and node.attr in _METHODS:
                yield _METHODS[node.attr], node.attr
        elif isinstance(node, ast.Call) and _last(node.func) in _ORDERED_BY:
            if any(_is_set(argument, module.sets) for argument in node.args):
                yield RANDOM, "the order of a set"
        elif isinstance(node, ast.For | ast.comprehension) and _is_set(node.iter, module.sets):
            yield RANDOM, "the order of a set"


def _dotted(node: ast.expr, imports: dict[str, str]) -> str:
    """Return a name as its imports spell it out: `dt.datetime.now` is `datetime.datetime.now`."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    parts.append(imports.get(node.id, ""))
    return ".".join(reversed(parts))


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_set(node: ast.expr, names: Collection[str] = ()) -> bool:
    """Tell whether an expression is a set, by its form or by a name that was given to one."""
    if isinstance(node, ast.Name):
        return node.id in names
    return isinstance(node, ast.Set | ast.SetComp) or (
        isinstance(node, ast.Call) and _last(node.func) in {"set", "frozenset"}
    )


def _called(root: Path, place: _Place, definition: ast.AST, module: _Module) -> list[_Place]:
    """Return the project's definitions that one calls, or takes as fixtures."""
    found: list[_Place] = []
    for node in ast.walk(definition):
        if isinstance(node, ast.arg):
            folders = [p for p in place.path.parents if p == root or root in p.parents]
            files = [place.path, *(folder / "conftest.py" for folder in folders)]
            found += [_Place(file, node.arg) for file in files]
        elif isinstance(node, ast.Call | ast.Attribute | ast.Name):
            target = node.func if isinstance(node, ast.Call) else node
            name = _dotted(target, module.imports)
            if isinstance(target, ast.Name) and target.id in module.definitions:
                found.append(_Place(place.path, target.id))
            elif "." in name:
                found += _imported(root, place.path, name)
    return found


def _imported(root: Path, importer: Path, name: str) -> list[_Place]:
    """Return where `package.module.function` may be defined in the project."""
    level = len(name) - len(name.lstrip("."))
    parts = name.lstrip(".").split(".")
    bases = [importer.parents[level - 1]] if level else [root, root / "src", importer.parent]
    found: list[_Place] = []
    for base in bases:
        for cut in range(1, len(parts)):
            stem = base.joinpath(*parts[:cut])
            for path in (stem.with_suffix(".py"), stem / "__init__.py"):
                if path.is_file():
                    found.append(_Place(path, ".".join(parts[cut:])))
                    found.append(_Place(path, parts[cut]))
    return found
