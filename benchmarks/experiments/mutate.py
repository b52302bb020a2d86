"""Inject small faults into Python sources.

Categories: comparison, condition, arithmetic, return value, constant, attribute.
"""

from __future__ import annotations

import ast
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_COMPARE = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
_ARITHMETIC = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "+", ast.Div: "*", ast.FloorDiv: "*", ast.Mod: "*",
    ast.BitAnd: "|", ast.BitOr: "&", ast.LShift: ">>", ast.RShift: "<<",
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """A replacement of one expression, as byte offsets in its file."""

    path: str
    start: int
    end: int
    text: str
    category: str


class _Finder(ast.NodeVisitor):
    def __init__(self, path: str, source: str) -> None:
        self.path = path
        self.source = source
        self.starts = [0]
        for line in source.encode().splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.found: list[Fault] = []
        self.depth = 0

    def _add(self, node: ast.expr, text: str, category: str) -> None:
        start = self.starts[node.lineno - 1] + node.col_offset
        if self.depth and node.end_lineno == node.lineno:
            end = self.starts[node.lineno - 1] + (node.end_col_offset or 0)
            self.found.append(Fault(self.path, start, end, text, category))

    def _text(self, node: ast.expr) -> str:
        return ast.get_source_segment(self.source, node) or ast.unparse(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.depth += 1
        for statement in node.body:
            self.visit(statement)
        self.depth -= 1

    visit_FunctionDef = visit_AsyncFunctionDef = _function  # noqa: N815 - the names that ast calls

    def visit_Compare(self, node: ast.Compare) -> None:
        if len(node.ops) == 1 and type(node.ops[0]) in _COMPARE:
            operator = _COMPARE[type(node.ops[0])]
            self._add(
                node,
                f"({self._text(node.left)} {operator} {self._text(node.comparators[0])})",
                "comparison",
            )
        self.generic_visit(node)

    def _condition(self, node: ast.If | ast.While | ast.IfExp) -> None:
        self._add(node.test, f"(not ({self._text(node.test)}))", "condition")
        self.generic_visit(node)

    visit_If = visit_IfExp = _condition  # noqa: N815 - the names that ast calls

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if type(node.op) in _ARITHMETIC:
            self._add(
                node,
                f"({self._text(node.left)} {_ARITHMETIC[type(node.op)]} {self._text(node.right)})",
                "arithmetic",
            )
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None and not isinstance(node.value, ast.Constant):
            self._add(node.value, "None", "return")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if type(node.value) is int:
            self._add(node, str(node.value + 1), "constant")

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Skip formatted strings: their parts have no reliable positions."""

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.ctx, ast.Load) and not node.attr.startswith("__"):
            self._add(node, f"{self._text(node.value)}.{node.attr}_", "attribute")
        self.generic_visit(node)


def faults(root: Path, package: str, count: int, seed: int) -> list[Fault]:
    """Return random faults in a package without its tests, with equal shares of each category."""
    categories: dict[str, list[Fault]] = {}
    for path in sorted((root / package).rglob("*.py")):
        if "tests" not in path.parts and "_vendor" not in path.parts:
            source = path.read_text(encoding="utf-8")
            finder = _Finder(str(path.relative_to(root)), source)
            finder.visit(ast.parse(source))
            for fault in finder.found:
                categories.setdefault(fault.category, []).append(fault)
    pick = random.Random(seed)
    for group in categories.values():
        pick.shuffle(group)
    order = [
        group[i]
        for i in range(max(map(len, categories.values()), default=0))
        for _, group in sorted(categories.items())
        if i < len(group)
    ]
    return order[:count]


def apply(root: Path, fault: Fault) -> bytes:
    """Write a fault into its file and return the previous content."""
    path = root / fault.path
    before = path.read_bytes()
    path.write_bytes(before[: fault.start] + fault.text.encode() + before[fault.end :])
    return before
