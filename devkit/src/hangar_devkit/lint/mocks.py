"""Doubles with a spec: finds mocks that would accept any call."""

import ast
from collections.abc import Iterator

from .source import Finding, Source, dotted

MOCKS = {"Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock"}
PATCHES = {"patch", "patch.object", "patch.multiple"}
SPECS = {"spec", "spec_set", "autospec", "wraps"}
REPLACED = {"new", "new_callable"}  # what stands in is chosen by hand


def check(sources: list[Source]) -> Iterator[Finding]:
    """Find mocks without a spec.

    Args:
        sources: The files to look at.

    Yields:
        TL003 for each mock or patch that no real interface specifies.
    """
    for source in sources:
        mocks = _names(source.tree)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                what = _bare(node, mocks)
                if what:
                    text = f"{what} accepts any call; give it spec=, autospec=True or a fake"
                    yield Finding(source.path, node.lineno, "TL003", text)


def _names(tree: ast.Module) -> dict[str, str]:
    """Map what the file calls things to what unittest.mock calls them."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in {"unittest.mock", "mock"}:
            known |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "unittest":
            known |= {a.asname or a.name: "" for a in node.names if a.name == "mock"}
        elif isinstance(node, ast.Import):
            known |= {
                a.asname or a.name: "" for a in node.names if a.name in {"mock", "unittest.mock"}
            }
    return known | {"mocker": "", "class_mocker": "", "module_mocker": "", "session_mocker": ""}


def _bare(call: ast.Call, names: dict[str, str]) -> str:
    """Return the mock's name where the call makes one without a spec."""
    name = dotted(call.func)
    for local, real in names.items():
        if name == local or name.startswith(f"{local}."):
            rest = name[len(local) :].removeprefix(".")
            name = ".".join(filter(None, [real, rest]))
            break
    else:
        return ""
    given = {keyword.arg for keyword in call.keywords}
    if None in given or given & SPECS:  # `**options` may have a spec
        return ""
    if name in MOCKS and not call.args:
        return name
    if name in PATCHES and not given & REPLACED and not _replaces(name, call):
        return name
    return ""


def _replaces(name: str, call: ast.Call) -> bool:
    """Say whether a patch is given its replacement by position or by the names it patches."""
    if name == "patch.multiple":
        return all(not _is_default(keyword.value) for keyword in call.keywords)
    return len(call.args) > {"patch": 1, "patch.object": 2}[name]


def _is_default(value: ast.expr) -> bool:
    return dotted(value).rpartition(".")[2] == "DEFAULT"
