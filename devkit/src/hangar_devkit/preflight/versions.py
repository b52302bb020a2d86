"""Compare versions and read requirements: plain ones here, all others by `packaging`.

The preflight also runs where nothing is installed, and importing `packaging` takes longer than all
checks together. So it is imported only for a version, specifier or marker that takes more than
comparing numbers. Without it such a question has no answer: it could not be checked.
"""

from __future__ import annotations

import re
from contextlib import suppress
from importlib import import_module

from hangar_devkit.preflight.errors import UncheckedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from packaging.specifiers import SpecifierSet

RELEASE = re.compile(r"v?(\d+(?:\.\d+)*)")
PLAIN_CLAUSE = re.compile(r"\s*(>=|<)\s*(\d+(?:\.\d+)*)\s*")
REQUIREMENT = re.compile(r"\s*([A-Z0-9][A-Z0-9._-]*)\s*(?:\[[^]]*\])?\s*([^;@#]*)", re.IGNORECASE)


def release(text: str) -> tuple[int, ...]:
    """Return the leading numbers of a version, such as 3, 13, 0 of `3.13.0rc1`; or nothing."""
    found = RELEASE.match(text.strip())
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def is_older(version: str, minimum: str) -> bool:
    """Return whether the numbers of a version are below those of another; `6.1` equals `6.1.0`."""
    found, wanted = release(version), release(minimum)
    length = max(len(found), len(wanted))
    return found + (0,) * (length - len(found)) < wanted + (0,) * (length - len(wanted))


def satisfies(version: str, specifier: str) -> bool:
    """Return whether a version satisfies a specifier such as `>=3.11,<4`.

    Raises:
        UncheckedError: One of the two is invalid, or takes `packaging`, which is missing.
    """
    clauses = [PLAIN_CLAUSE.fullmatch(part) for part in specifier.split(",")]
    if RELEASE.fullmatch(version) and all(clauses):
        return all(is_older(version, found[2]) == (found[1] == "<") for found in clauses if found)
    try:
        parsed = _packaging("version").Version(version)
    except ValueError as error:
        raise UncheckedError(f"{version!r} is not a valid version") from error
    return canonical(specifier).contains(parsed, prereleases=True)


def ordered(specifier: str) -> str:
    """Return a specifier with its clauses sorted and without spaces."""
    return ",".join(sorted(specifier.replace(" ", "").strip("()").split(",")))


def canonical(specifier: str) -> SpecifierSet:
    """Return a specifier as an object that equals all with the same meaning.

    Raises:
        UncheckedError: The specifier is invalid, or `packaging` is missing.
    """
    try:
        parsed: SpecifierSet = _packaging("specifiers").SpecifierSet(specifier)
    except ValueError as error:
        raise UncheckedError(f"{specifier!r} is not a valid version specifier") from error
    return parsed


def normalised(name: str) -> str:
    """Return the name of a distribution as the lock file spells it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement(text: str) -> tuple[str, str]:
    """Return the normalised name and the specifier of a requirement such as `a[b]>=1; marker`."""
    found = REQUIREMENT.match(text)
    if not found:
        raise UncheckedError(f"{text!r} is not a valid requirement")
    return normalised(found[1]), ordered(found[2])


def applies(text: str, python: str) -> bool:
    """Return whether a requirement applies on this platform with a version of Python.

    Raises:
        UncheckedError: The requirement is invalid, or has a marker and `packaging` is missing.
    """
    if ";" not in text:
        return True
    minor = ".".join(python.split(".")[:2])
    values = {"extra": "", "python_full_version": python, "python_version": minor}
    try:
        marker = _packaging("requirements").Requirement(text).marker
        return bool(marker is None or marker.evaluate(values))
    except ValueError as error:
        raise UncheckedError(f"{text!r} is not a valid requirement") from error


def _packaging(module: str) -> ModuleType:
    """Return a module of `packaging`: the installed one, or the copy inside pip."""
    for package in ("packaging", "pip._vendor.packaging"):
        with suppress(ImportError):
            return import_module(f"{package}.{module}")
    raise UncheckedError("this Python has neither `packaging` nor pip, which read such versions")
