"""Imports in the history go only downward, from the plugin and the commands to the records."""

import ast
from pathlib import Path

import pytest

import hangar_devkit.history

ROOT = Path(hangar_devkit.history.__file__).parent
PACKAGE = "hangar_devkit.history."
BOTTOM = {"records", "results", "masks", "sources", "quarantine", "system"}
ALLOWED = {
    "plugin": {"output", "analysis", "recording", "store", *BOTTOM},
    "cli": {"output", "analysis", "store", *BOTTOM},
    "output": {"output", "analysis", "store", *BOTTOM},
    "analysis": {"analysis", "store", *BOTTOM},
    "recording": {"recording", "store", *BOTTOM},
    "store": {"store", *BOTTOM},
    **dict.fromkeys(BOTTOM, BOTTOM),
}
MODULES = sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.py") if path.parent != ROOT)
MODULES += [Path(path.name) for path in ROOT.glob("*.py") if path.name != "__init__.py"]


def imported(path: Path) -> set[str]:
    """Return the parts of the history that a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == PACKAGE[:-1]:
            found |= {alias.name for alias in node.names if alias.name != "STORE"}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            found.add(str(node.module).removeprefix(PACKAGE).partition(".")[0])
    return found


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_imports_only_lower_layers(module: Path) -> None:
    assert imported(module) <= ALLOWED[module.parts[0].removesuffix(".py")]
