"""What the guide shows is what the code accepts."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from hangar_devkit.preflight.declaration import CAPABILITIES, MANAGERS, PURPOSES, TYPES
from hangar_devkit.preflight.known_libraries import LIBRARIES
from hangar_devkit.preflight.pyproject import TABLES, load

PAGE = (files("hangar_devkit.docs.guide") / "machine.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
WORDS = (*TABLES, *CAPABILITIES, *MANAGERS, *PURPOSES, *TYPES, *LIBRARIES)
KEYS = ("soname", "minimum", "flag", "url", "optional", "for", "values", "default", "ignore")


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_the_declaration_is_valid(tmp_path: Path, example: str) -> None:
    (tmp_path / "pyproject.toml").write_text(example, encoding="utf-8")
    assert load(str(tmp_path)).declared


@pytest.mark.parametrize("word", [*WORDS, *KEYS, "memory", "disk", "cpus"])
def test_the_page_names_all_that_may_be_declared(word: str) -> None:
    assert re.search(rf"\b{word}\b", PAGE)
