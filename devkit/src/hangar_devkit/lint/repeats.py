"""TL004, TL005 and TL007: functions that are defined twice, in sources, tests and pages.

Two functions are compared by their shape: calls and attributes count; the names of local variables,
literals, docstrings and annotations do not.
"""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeGuard

from hangar_devkit.lint.source import Finding, Function, Source, is_fixture

MIN_SIZE = 30  # nodes; smaller functions are alike by coincidence
MIN_SIZE_IN_PAGES = 12  # what a page shows is short, and copied more often than written again
MIN_SIMILARITY = 0.85  # share of the shape that two functions of one name have in common
RUN = 4  # consecutive nodes that are compared


Definition = Function | ast.ClassDef


@dataclass
class _Shape:
    source: Source
    node: Definition
    exact: str
    runs: Counter[tuple[str, ...]]
    size: int

    @property
    def location(self) -> str:
        return f"{self.source.path}:{self.node.lineno}"


def check(sources: list[Source]) -> Iterator[Finding]:
    """Find functions that are defined more than once.

    Args:
        sources: The files; each is compared with every other.

    Yields:
        TL004 for a fixture or helper of the tests, TL005 for any other function, at each definition
        but the first.
    """
    shapes = [_shape(source, node) for source in sources for node in _candidates(source)]
    shapes = [shape for shape in shapes if shape.size >= MIN_SIZE]
    reported: set[str] = set()
    for first, second in _pairs(shapes):
        if second.location in reported or not _is_alike(first, second):
            continue
        reported.add(second.location)
        is_test_data = isinstance(second.node, Function) and is_fixture(second.node)
        noun = "fixture" if is_test_data else "function"
        code = "TL004" if _is_of_tests(second.source) and _is_of_tests(first.source) else "TL005"
        text = f"{noun} {_comparison(second, first)}; keep one"
        yield Finding(second.source.path, second.node.lineno, code, text)


def check_pages(pages: Sequence[Source], sources: list[Source]) -> Iterator[Finding]:
    """Find code in pages that is a copy of code in the sources.

    Args:
        pages: The blocks of Python in the pages.
        sources: The files of the project.

    Yields:
        TL007 for each function or class of a page that a source defines too.
    """
    copies = [_shape(page, node) for page in pages for node in page.tree.body if _defines(node)]
    copies = [shape for shape in copies if shape.size >= MIN_SIZE_IN_PAGES]
    if not copies:
        return
    own = [_shape(each, node) for each in sources for node in each.tree.body if _defines(node)]
    for copied in copies:
        for original in own:
            named = original.node.name == copied.node.name
            same = isinstance(copied.node, Function) and original.exact == copied.exact
            if same or (named and _is_alike(original, copied)):
                text = f"{_comparison(copied, original)}; include it: `--8<--`"
                yield Finding(copied.source.path, copied.node.lineno, "TL007", text)
                break


def _defines(node: ast.stmt) -> TypeGuard[Definition]:
    return isinstance(node, Definition)


def _is_alike(first: _Shape, second: _Shape) -> bool:
    return first.exact == second.exact or _similarity(first, second) >= MIN_SIMILARITY


def _comparison(one: _Shape, other: _Shape) -> str:
    same = one.exact == other.exact
    how = "is identical to" if same else f"is {_similarity(one, other):.0%} identical to"
    return f"{one.node.name} {how} {other.node.name} ({other.location})"


def _candidates(source: Source) -> Iterator[Function]:
    """Yield the functions of modules and classes, but not tests, which `--overlap` compares."""
    for node in ast.walk(source.tree):
        body = node.body if isinstance(node, ast.Module | ast.ClassDef) else []
        for each in body:
            if isinstance(each, Function) and not each.name.startswith("test"):
                yield each


def _pairs(shapes: list[_Shape]) -> Iterator[tuple[_Shape, _Shape]]:
    """Yield pairs that may be alike: of one shape, or of one name."""
    same: dict[str, list[_Shape]] = defaultdict(list)
    named: dict[str, list[_Shape]] = defaultdict(list)
    for shape in shapes:
        same[shape.exact].append(shape)
        named[shape.node.name].append(shape)
    for group in same.values():
        yield from ((group[0], other) for other in group[1:])
    for name, group in named.items():
        if not name.startswith(("__", "setup", "teardown")):
            yield from combinations(group, 2)


def _similarity(one: _Shape, other: _Shape) -> float:
    common = (one.runs & other.runs).total()
    return 2 * common / (one.runs.total() + other.runs.total())


def _shape(source: Source, node: Definition) -> _Shape:
    reader = _Reader(_local_names(node))
    for statement in _without_docstring(node.body):
        reader.read(statement)
    words = reader.words
    runs = Counter(tuple(words[i : i + RUN]) for i in range(max(1, len(words) - RUN + 1)))
    return _Shape(source, node, " ".join(reader.exact), runs, len(words))


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return body[1:]
    return body


def _is_of_tests(source: Source) -> bool:
    return source.is_test or "tests" in source.path.split("/") or "conftest" in source.path


def _local_names(definition: Definition) -> dict[str, str]:
    """Return a number for each argument and each variable."""
    arguments, stored = [], []
    for node in ast.walk(definition):
        if isinstance(node, ast.arg):
            arguments.append(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            stored.append(node.id)
    return {name: f"_{i}" for i, name in enumerate(dict.fromkeys(arguments + stored))}


class _Reader:
    """Read code with local names as numbers, without annotations and literals.

    Nothing is copied: this runs over every function of a project at each commit.

    Attributes:
        words: Each node with its name, for a comparison by parts.
        exact: The whole structure.
    """

    def __init__(self, numbers: dict[str, str]) -> None:
        self._numbers = numbers
        self.words: list[str] = []
        self.exact: list[str] = []

    def read(self, node: ast.AST) -> None:
        """Add a node and all below it."""
        name, values = type(node).__name__, list(ast.iter_fields(node))
        if isinstance(node, ast.AnnAssign):
            name = "Assign" if node.value else "Pass"
            values = [("targets", [node.target]), ("value", node.value)] if node.value else []
        elif isinstance(node, ast.Constant):
            kept = isinstance(node.value, bool | None)
            values = [("value", node.value if kept else type(node.value).__name__)]
        elif isinstance(node, ast.arg):
            values = [("arg", node.arg)]
        if not isinstance(node, ast.expr_context):
            label = getattr(node, "attr", "") or getattr(node, "id", "") or getattr(node, "arg", "")
            self.words.append(f"{name}:{self._plain(node, label) or ''}")
        self.exact.append(f"{name}(")
        for field, value in values:
            self._read_value(field, self._plain(node, value))
        self.exact.append(")")

    def _plain(self, node: ast.AST, value: object) -> object:
        """Return the number of a local name, and any other value as it is."""
        is_name = isinstance(node, ast.Name | ast.arg) and isinstance(value, str)
        return self._numbers.get(str(value), value) if is_name else value

    def _read_value(self, field: str, value: object) -> None:
        self.exact.append(f"{field}=")
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.AST):
                self.read(each)
            else:
                self.exact.append(repr(each))
