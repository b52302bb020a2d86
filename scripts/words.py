"""Keep dropped words out of the repository: the lists of docs/contributing/style.md.

Usage: python -m scripts.words [FILE...]   checks the files, or all that git tracks
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]

NEVER = re.compile(
    r"\b(mend(s|ed|ing)?|testif(y|ies|ied)|sightings?|workshops?|made pages?"
    r"|out of step|in step(?!\w|\.\w|[:)\]])|keeps? a decision"
    r"|is no (size|table|key|list|number|text))\b",
    re.IGNORECASE,
)
NOT_AN_IDENTIFIER = {
    *("kind", "kinds", "told", "said", "tell", "tells", "say", "says", "look", "looks", "need"),
    *("needs", "lack", "lacks", "gone", "chance", "seams", "seam", "surroundings", "world"),
    *("settle", "settled", "wish", "landing"),
}
# The guide and this check name the words; the changelog and the migrations name what was renamed.
EXEMPT = (
    "CHANGELOG.md", "docs/contributing/style.md", "scripts/words.py", "migrations/", "templates/",
    "docs/reference/bench/", "tests/scripts/test_words.py",
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Print each hit; return 1 if there is any."""
    names = arguments or _tracked()
    hits = [hit for name in names if not name.startswith(EXEMPT) for hit in check(ROOT / name)]
    print(*hits, sep="\n", end="\n" if hits else "")
    return 1 if hits else 0


def check(path: Path) -> Iterator[str]:
    """Yield the dropped words of one file, each with its line; a binary file has none."""
    try:
        text = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
        return
    name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
    for number, line in enumerate(text.splitlines(), start=1):
        for match in NEVER.finditer(line):
            yield f"{name}:{number}: '{match[0]}' is a dropped word"
    if path.suffix == ".py":
        for number, identifier in _defined(text):
            yield f"{name}:{number}: identifier '{identifier}' has a dropped word"


def _defined(text: str) -> Iterator[tuple[int, str]]:
    """Yield the names that a module gives to something, where a part of one is a dropped word."""
    try:
        tree = ast.parse(text)
    except SyntaxError:  # a template, or a file that is broken on purpose
        return
    for node in ast.walk(tree):
        for name in _names(node):
            words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")
            if NOT_AN_IDENTIFIER & set(words):
                yield getattr(node, "lineno", 1), name


def _names(node: ast.AST) -> list[str]:
    """Return the names that a node of a syntax tree defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [] if node.name.startswith("test_") else [node.name]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return [node.id]
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        return [node.attr] if ast.unparse(node.value) in {"self", "cls"} else []
    return [node.asname] if isinstance(node, ast.alias) and node.asname else []


def _tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return [name for name in listed.stdout.split("\0") if name]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
