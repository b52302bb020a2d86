"""Tags, versions and what a changelog says between two of them."""

import pytest

from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.releases import Release, changelog_between, choose, current, parse

KNOWN = [Release((0, 9, 0), "a" * 40), Release((0, 10, 0), "b" * 40)]
LOG = """\
# Changelog

## Unreleased

- not yet

## [0.10.0] - 2026-11-23

- ten

## 0.9.0

- nine

## v0.8.0

- eight
"""


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v1.2.3", (1, 2, 3)),
        ("1.2.3", (1, 2, 3)),
        ("v1.2.3rc1", None),
        ("v1.2", None),
        ("", None),
        ("latest", None),
    ],
)
def test_parse(text: str, version: tuple[int, int, int] | None) -> None:
    assert parse(text) == version


@pytest.mark.parametrize(("tag", "index"), [(None, 1), ("v0.9.0", 0), ("0.9.0", 0)])
def test_choose(tag: str | None, index: int) -> None:
    assert choose(KNOWN, tag) is KNOWN[index]


@pytest.mark.parametrize("tag", ["v1.0.0", "main"])
def test_choose_refuses(tag: str) -> None:
    with pytest.raises(UpdateError, match=r"v0\.9\.0, v0\.10\.0"):
        choose(KNOWN, tag)


@pytest.mark.parametrize(
    ("commit", "stated", "version"),
    [
        ("a" * 40, "0.0.1", (0, 9, 0)),
        ("c" * 40, "0.10.0", (0, 10, 0)),
        ("c" * 40, "", None),
        ("c" * 40, "0.10.0.dev2", (0, 9, 0)),
        ("c" * 40, "0.9.0.dev1", None),
    ],
)
def test_current(commit: str, stated: str, version: tuple[int, int, int] | None) -> None:
    assert current(KNOWN, commit, lambda: stated) == version


@pytest.mark.parametrize(
    ("after", "upto", "words"),
    [
        ((0, 9, 0), (0, 10, 0), ["ten"]),
        ((0, 8, 0), (0, 10, 0), ["ten", "nine"]),
        (None, (0, 9, 0), ["nine", "eight"]),
        ((0, 10, 0), (0, 10, 0), []),
    ],
)
def test_changelog(
    after: tuple[int, int, int] | None, upto: tuple[int, int, int], words: list[str]
) -> None:
    lines = changelog_between(LOG, after, upto).splitlines()
    assert [line[2:] for line in lines if line.startswith("- ")] == words
