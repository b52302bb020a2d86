"""TL003: mocks without a spec, which accept any call."""

import ast
from collections.abc import Iterator

from hangar_devkit.lint.source import Finding, Source, dotted

MOCKS = {"Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock"}
PATCHES = {"patch", "patch.object", "patch.multiple"}
SPECS = {"spec", "spec_set", "autospec", "wraps"}
REPLACED = {"new", "new_callable"}  # the replacement is chosen by hand


def check(sources: list[Source]) -> Iterator[Finding]:
    """Find mocks without a spec.

    Args:
        sources: The files to check.

    Yields:
        TL003 for each mock or patch without the spec of a real interface.
    """
    for source in sources:
        mocks = _names(source.tree)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                name = _without_spec(node, mocks)
                if name:
                    text = f"{name} accepts any call; give it spec=, autospec=True or a fake"
                    yield Finding(source.path, node.lineno, "TL003", text)


def _names(tree: ast.Module) -> dict[str, str]:
    """Map the names in a file to their names in `unittest.mock`; empty for the module itself."""
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


def _without_spec(call: ast.Call, names: dict[str, str]) -> str:
    """Return the name of the mock that a call creates without a spec; empty for other calls."""
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
    """Return whether a patch has a replacement, by position or for each name it patches."""
    if name == "patch.multiple":
        return all(not _is_default(keyword.value) for keyword in call.keywords)
    return len(call.args) > {"patch": 1, "patch.object": 2}[name]


def _is_default(value: ast.expr) -> bool:
    return dotted(value).rpartition(".")[2] == "DEFAULT"
