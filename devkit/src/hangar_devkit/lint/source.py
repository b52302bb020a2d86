"""Parsed Python files, with their tests, functions and suppressions."""

import ast
import re
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef
# A block of Python in a page.
FENCE = re.compile(
    r"^(?P<indent> *)(?P<marks>```+|~~~+) *(?:python|py)\b[^\n]*\n"
    r"(?P<text>.*?)^(?P=indent)(?P=marks)",
    re.MULTILINE | re.DOTALL,
)
# Suppresses rules on its line, and gives the reason.
NOQA = re.compile(r"#\s*noqa:[^#]*?\b(TL\d{3})\b(?:[\s,]+[A-Z]+\d+)*[\s:(-]*(.*)")


@dataclass(frozen=True, order=True)
class Finding:
    """A violation of a rule.

    Attributes:
        path: The file, relative to the project.
        line: The line, from 1.
        code: The rule.
        text: What is wrong, with the name of the test or function.
    """

    path: str
    line: int
    code: str
    text: str

    def __str__(self) -> str:
        """Format it as compilers do, so that editors find the location."""
        return f"{self.path}:{self.line}: {self.code} {self.text}"


@dataclass
class Source:
    """One parsed file.

    Attributes:
        path: The file, relative to the project.
        tree: Its syntax tree.
        suppressed: Line -> the rules that a comment suppresses there.
        without_reason: Lines whose comment gives no reason.
    """

    path: str
    tree: ast.Module
    suppressed: dict[int, set[str]] = field(default_factory=dict)
    without_reason: list[int] = field(default_factory=list)

    @property
    def is_test(self) -> bool:
        """Return whether pytest collects the file."""
        name = Path(self.path).name
        return name.startswith("test_") or name.endswith("_test.py")

    def tests(self) -> Iterator[tuple[str, Function]]:
        """Yield each test function with its name, classes first: `TestStore.test_read`."""
        if self.is_test:
            yield from _tests("", self.tree.body)

    def functions(self) -> Iterator[Function]:
        """Yield every function, nested ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node


def read(paths: list[Path], root: Path) -> tuple[list[Source], list[Finding]]:
    """Parse Python files and the files of directories.

    Args:
        paths: Files and directories; names that begin with a dot are skipped.
        root: The directory that names are relative to.

    Returns:
        The sources, and a finding for each file that cannot be parsed.
    """
    sources, findings = [], []
    for path, name in _named(paths, ".py", root):
        try:
            text = path.read_text(encoding="utf-8")
            sources.append(parse(text, name))
        except (SyntaxError, ValueError) as error:
            findings.append(Finding(name, 1, "TL000", f"cannot be read as Python: {error}"))
    return sources, findings


def read_pages(paths: list[Path], root: Path) -> list[Source]:
    """Parse the blocks of Python in Markdown files and in those of directories.

    Args:
        paths: Files and directories; names that begin with a dot are skipped.
        root: The directory that names are relative to.

    Returns:
        A source for each block that is valid Python; others are taken for parts of a file.
    """
    sources = []
    for path, name in _named(paths, ".md", root):
        page = path.read_text(encoding="utf-8", errors="replace")
        for block in FENCE.finditer(page):
            before = "\n" * page.count("\n", 0, block.start("text"))  # keeps the numbers of lines
            with suppress(SyntaxError, ValueError):
                sources.append(parse(before + textwrap.dedent(block["text"]), name))
    return sources


def parse(text: str, path: str) -> Source:
    """Parse one file's text.

    Raises:
        SyntaxError: It is not valid Python.
    """
    source = Source(path, ast.parse(text))
    for number, line in enumerate(text.splitlines(), start=1):
        match = NOQA.search(line) if "noqa" in line else None
        if match:
            codes = set(re.findall(r"\bTL\d{3}\b", line))
            source.suppressed[number] = codes
            if not match[2].strip(" ()"):
                source.without_reason.append(number)
    return source


def _named(paths: list[Path], suffix: str, root: Path) -> Iterator[tuple[Path, str]]:
    """Yield each file once, sorted, with its name relative to a directory."""
    for path in sorted({file for each in paths for file in _files(each, suffix)}):
        yield path, (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _files(path: Path, suffix: str) -> Iterator[Path]:
    if path.is_file() and (path.suffix == ".md") == (suffix == ".md"):
        yield path
    for file in path.rglob(f"*{suffix}"):
        if not any(part.startswith(".") for part in file.relative_to(path).parts):
            yield file


def _tests(prefix: str, body: list[ast.stmt]) -> Iterator[tuple[str, Function]]:
    for node in body:
        if isinstance(node, Function) and node.name.startswith("test"):
            if not any(_is_fixture(mark) for mark in node.decorator_list):
                yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef) and (_is_named(node) or _is_case(node)):
            yield from _tests(f"{prefix}{node.name}.", node.body)
        elif isinstance(node, ast.If | ast.Try):
            yield from _tests(prefix, node.body)


def _is_named(node: ast.ClassDef) -> bool:
    return node.name.startswith(("Test", "test"))


def _is_case(node: ast.ClassDef) -> bool:
    return any(dotted(base).endswith("TestCase") for base in node.bases)


def _is_fixture(mark: ast.expr) -> bool:
    return dotted(mark).endswith("fixture")


def is_fixture(function: Function) -> bool:
    """Return whether a function is a pytest fixture."""
    return any(map(_is_fixture, function.decorator_list))


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for a name, an attribute or a call of one; empty for anything else."""
    if isinstance(node, ast.Call):
        return dotted(node.func)
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else f".{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
