"""Versions, specifiers and requirements: plain ones without `packaging`, the others with it."""

import sys

import pytest

from hangar_devkit.preflight.errors import UncheckedError
from hangar_devkit.preflight.versions import (
    applies,
    canonical,
    is_older,
    normalised,
    release,
    requirement,
    satisfies,
)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("3.13.0rc1", (3, 13, 0)),
        ("v2.26.1-4", (2, 26, 1)),
        ("20.10.24+dfsg1", (20, 10, 24)),
        ("newest", ()),
    ],
)
def test_the_leading_numbers_of_a_version_are_read(text: str, numbers: tuple[int, ...]) -> None:
    assert release(text) == numbers


@pytest.mark.parametrize(
    ("version", "minimum", "older"),
    [("6.1", "6.1.0", False), ("6.1.0", "6.1", False), ("6.9", "6.10", True), ("", "1", True)],
)
def test_versions_are_compared_by_their_numbers(version: str, minimum: str, *, older: bool) -> None:
    assert is_older(version, minimum) is older


PLAIN = [
    ("3.11.7", ">=3.11", True),
    ("3.10.9", ">=3.11", False),
    ("3.11", ">= 3.11.0 , < 4", True),
    ("3.14.0", ">=3.11,<3.14", False),
]
OTHER = [
    ("3.13.0", "~=3.11", True),
    ("4.0", "~=3.11", False),
    ("3.12.1", ">=3.11,!=3.12.*", False),
    ("3.12.1", "==3.12.*", True),
    ("3.14.0rc1", ">=3.14", False),
    ("3.11", "<=3.11", True),
]


@pytest.mark.parametrize(("version", "specifier", "allowed"), PLAIN + OTHER)
def test_a_specifier_allows_versions(version: str, specifier: str, *, allowed: bool) -> None:
    assert satisfies(version, specifier) is allowed


@pytest.mark.usefixtures("no_packaging")
@pytest.mark.parametrize(("version", "specifier", "allowed"), PLAIN)
def test_a_plain_specifier_takes_no_packaging(
    version: str, specifier: str, *, allowed: bool
) -> None:
    assert satisfies(version, specifier) is allowed


@pytest.mark.usefixtures("no_packaging")
@pytest.mark.parametrize(("version", "specifier", "allowed"), OTHER)
def test_any_other_specifier_cannot_be_checked_without_packaging(
    version: str, specifier: str, *, allowed: bool
) -> None:
    with pytest.raises(UncheckedError, match="neither `packaging` nor pip"):
        satisfies(version, specifier)


def test_an_invalid_specifier_cannot_be_checked() -> None:
    with pytest.raises(UncheckedError, match=r"'3.11 or so' is not a valid version specifier"):
        satisfies("3.11", "3.11 or so")


def test_an_invalid_version_cannot_be_checked() -> None:
    with pytest.raises(UncheckedError, match="'unreleased' is not a valid version"):
        satisfies("unreleased", ">=3.11")


def test_an_invalid_marker_cannot_be_checked() -> None:
    with pytest.raises(UncheckedError, match="is not a valid requirement"):
        applies("a; python_version is new", "3.11.0")


def test_pip_replaces_packaging(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pip")
    for name in [name for name in sys.modules if name.partition(".")[0] == "packaging"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "packaging", None)
    assert canonical(">=1").__class__.__module__.startswith("pip._vendor.packaging")


@pytest.mark.parametrize("name", ["a__b", "A-B", "a.b", "a_.-b", "a-b"])
def test_a_name_is_normalised(name: str) -> None:
    assert normalised(name) == "a-b"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a", ("a", "")),
        ("A_b.C>=1,<2", ("a-b-c", "<2,>=1")),
        ("a[x,y] >= 1 ; python_version > '3'", ("a", ">=1")),
        ("a (>=1)", ("a", ">=1")),
        ("a @ https://example.com/a.whl", ("a", "")),
        ("a>=1  # for b", ("a", ">=1")),
    ],
)
def test_a_requirement_is_read(text: str, found: tuple[str, str]) -> None:
    assert requirement(text) == found


def test_an_invalid_requirement_cannot_be_checked() -> None:
    with pytest.raises(UncheckedError, match="'>=1' is not a valid requirement"):
        requirement(">=1")


@pytest.mark.parametrize(
    ("text", "python", "applicable"),
    [
        ("a", "3.11.0", True),
        ("a; python_version < '3.11'", "3.11.0", False),
        ("a; python_version < '3.11'", "3.10.2", True),
        ("a; python_full_version >= '3.10.2'", "3.10.2", True),
        ("a; extra == 'b'", "3.10.2", False),
    ],
)
def test_a_marker_is_evaluated_for_a_python(text: str, python: str, *, applicable: bool) -> None:
    assert applies(text, python) is applicable


@pytest.mark.usefixtures("no_packaging")
def test_a_marker_cannot_be_checked_without_packaging() -> None:
    with pytest.raises(UncheckedError, match="neither `packaging` nor pip"):
        applies("a; python_version < '3.11'", "3.11.0")
