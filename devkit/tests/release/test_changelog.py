"""Reading and dating the sections of a changelog."""

import pytest

from hangar_devkit.release import changelog

TEXT = """\
# Changelog

## Unreleased

- New.

## [1.1.0] - 2026-01-31

- Old.
"""


@pytest.mark.parametrize(
    ("version", "expected"),
    [("unreleased", "- New."), ("1.1.0", "- Old."), ("v1.1.0", "- Old."), ("1.2.0", None)],
)
def test_section(version: str, expected: str | None) -> None:
    assert changelog.section(TEXT, version) == expected


def test_released_section_has_the_notes() -> None:
    dated = changelog.release(TEXT, "1.2.0", "2026-02-01")
    assert changelog.section(dated, "1.2.0") == "- New."


def test_released_section_is_dated() -> None:
    assert "## 1.2.0 - 2026-02-01\n" in changelog.release(TEXT, "1.2.0", "2026-02-01")


def test_new_unreleased_section_is_empty() -> None:
    dated = changelog.release(TEXT, "1.2.0", "2026-02-01")
    assert changelog.section(dated, "unreleased") == ""


def test_brackets_are_kept() -> None:
    dated = changelog.release("## [Unreleased]\n\n- New.\n", "1.2.0", "2026-02-01")
    assert "## [1.2.0] - 2026-02-01\n" in dated


def test_line_endings_are_kept() -> None:
    dated = changelog.release("## Unreleased\r\n\r\n- New.\r\n", "1.2.0", "2026-02-01")
    assert "\n" not in dated.replace("\r\n", "")


def test_a_section_that_exists_is_left_alone() -> None:
    assert changelog.release(TEXT, "1.1.0", "2026-02-01") == TEXT
