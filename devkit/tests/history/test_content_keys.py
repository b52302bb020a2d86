"""The content key changes with whatever decides an outcome, and with nothing else."""

import os
import time
from pathlib import Path

import pytest

from hangar_devkit.history.sources import imported_names

from .suite import key, write_files


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "src/shop/__init__.py": "from .cart import total\n",
        "src/shop/cart.py": "import os\nMODE = os.environ.get('SHOP_MODE')\ntotal = 1\n",
        "src/other.py": "x = 1\n",
        "tests/conftest.py": "",
        "tests/data.json": "{}",
        "tests/test_shop.py": "import shop\n",
        "README.md": "",
        "uv.lock": "a",
    }
    return write_files(tmp_path, files)


@pytest.mark.parametrize(
    "name", ["src/shop/cart.py", "src/shop/__init__.py", "tests/conftest.py", "tests/data.json",
             "tests/test_shop.py", "uv.lock"],
)  # fmt: skip
def test_it_changes_with(root: Path, name: str) -> None:
    before = key(root)
    with (root / name).open("a", encoding="utf-8") as file:
        file.write("# more")
    assert key(root) != before


@pytest.mark.parametrize("name", ["src/other.py", "README.md"])
def test_it_does_not_change_with(root: Path, name: str) -> None:
    before = key(root)
    with (root / name).open("a", encoding="utf-8") as file:
        file.write("# more")
    assert key(root) == before


def test_it_changes_with_a_variable_that_the_code_reads(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = key(root)
    monkeypatch.setenv("SHOP_MODE", "fast")
    assert key(root) != before


def test_it_is_unknown_when_a_file_changes_during_the_session(root: Path) -> None:
    os.utime(root / "src/shop/cart.py", (time.time() + 120, time.time() + 120))
    assert key(root) == ""


def test_code_that_imports_by_name_reaches_everything(root: Path) -> None:
    (root / "tests/test_shop.py").write_text("import importlib; importlib.import_module('x')")
    before = key(root)
    (root / "src/other.py").write_text("x = 2\n")
    assert key(root) != before


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import a, b.c as d", {"a", "b.c"}),
        ("from a import b, c as d", {"a", "a.b", "a.c"}),
        ("from . import b", {".", ".b"}),
        ("from ..a import (\n  b,  # why\n  c,\n)\n", {"..a", "..a.b", "..a.c"}),
        ("try: import a\nexcept E: pass", {"a"}),
        ("import a; import b", {"a", "b"}),
        ("from a import \\\n  b", {"a", "a.b"}),
    ],
)
def test_imports_are_found(text: str, names: set[str]) -> None:
    assert imported_names(text) >= names
