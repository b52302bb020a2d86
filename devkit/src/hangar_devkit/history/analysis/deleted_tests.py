"""Finds deleted tests: their file, or every source that names them, no longer exists."""

import ast
import re
from os.path import isfile
from pathlib import Path

from hangar_devkit.history.analysis.window import Window
from hangar_devkit.history.sources import Sources


def find_deleted(root: Path, window: Window) -> frozenset[str]:
    """Return the failed tests of a window that no longer exist.

    Only tests that the newest run did not run are considered, and none when the runs belong to
    another checkout: then no sampled test of the newest run has its file here.

    Args:
        root: The project's root.
        window: The runs.
    """
    if not any((root / nodeid.partition("::")[0]).is_file() for nodeid in window.latest_tests):
        return frozenset()
    newest = len(window.runs) - 1
    sources = Sources(str(root))
    return frozenset(
        test
        for test, attempts in window.attempts.items()
        if (not attempts or attempts[-1].run != newest) and is_deleted(root, sources, test)
    )


def _defines_tests(text: str) -> bool:
    """Return whether a source may define tests; one that cannot be parsed may."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return True
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import
                   | ast.ImportFrom | ast.Call)
        for node in ast.walk(tree)
    )  # fmt: skip


def is_deleted(root: Path, sources: Sources, nodeid: str) -> bool:
    """Return whether a test was deleted, as far as that is certain.

    A test exists as long as its file does when another file may define it, or when no Python
    source names it.
    """
    path, _, names = nodeid.partition("[")[0].partition("::")
    file = f"{root}/{path}"
    if not isfile(file):
        return True
    name = names.rpartition("::")[2]
    if not names and path.endswith(".py"):
        return not _defines_tests(sources.text(file))
    if not path.endswith(".py") or not name.startswith("test"):
        return False
    word = re.compile(rf"\b{re.escape(name)}\b")
    # Most tests are still in their file: its imports are read only for the others.
    return not word.search(sources.text(file)) and not any(
        word.search(sources.text(reached)) for reached in sources.closure(file)
    )
