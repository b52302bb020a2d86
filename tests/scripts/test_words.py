"""The check that keeps dropped words out of the repository."""

from pathlib import Path

import pytest

from scripts.words import check


def hits(tmp_path: Path, name: str, text: str) -> int:
    """Count what the check finds in a file."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return len(list(check(path)))


@pytest.mark.parametrize(
    "text", ["how to mend it", "The pages are in step.", "a workshop", "It is no size", "Testify."]
)
def test_a_dropped_word_is_found(tmp_path: Path, text: str) -> None:
    assert hits(tmp_path, "page.md", text) == 1


@pytest.mark.parametrize(
    "text", ["a recommended fix", "in steps", "of this kind", "It is not text"]
)
def test_an_ordinary_word_is_allowed(tmp_path: Path, text: str) -> None:
    assert hits(tmp_path, "page.md", text) == 0


@pytest.mark.parametrize(
    "code",
    [
        "kind = 1",
        "def tell_all(): pass",
        "class WorldMap: pass",
        "def show(said): pass",
        "import os as gone",
    ],
)
def test_an_identifier_with_a_dropped_word_is_found(tmp_path: Path, code: str) -> None:
    assert hits(tmp_path, "module.py", code) == 1


@pytest.mark.parametrize("code", ["parameter.kind", "nox.needs_version = '1'", "'kind'"])
def test_a_name_of_somebody_else_is_allowed(tmp_path: Path, code: str) -> None:
    assert hits(tmp_path, "module.py", code) == 0
