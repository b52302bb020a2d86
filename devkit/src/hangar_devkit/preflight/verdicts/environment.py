"""PF2xx: the lock file, the installed packages and the environment variables."""

from __future__ import annotations

import re

from hangar_devkit.preflight.facts import environment as probes
from hangar_devkit.preflight.facts import interpreter, suite
from hangar_devkit.preflight.lock import compare, compare_heads
from hangar_devkit.preflight.verdicts import (
    DEVELOPMENT,
    INSIDE,
    bad,
    check,
    ok,
    setup,
    skip,
    unknown,
)
from hangar_devkit.preflight.versions import applies, requirement, satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hangar_devkit.preflight.declaration import Declaration, Variable
    from hangar_devkit.preflight.facts import Facts
    from hangar_devkit.preflight.verdicts import Verdict

PLACEHOLDERS = ("changeme", "change-me", "change_me", "replace-me", "replace_me", "xxx", "...")
BOOLEANS = ("true", "false", "1", "0", "yes", "no", "on", "off", "t", "f", "y", "n")
WHOLE_NUMBER = r"\s*[+-]?\d+(_\d+)*(\.0+)?\s*"  # what pydantic takes


@check(
    "PF201",
    "Lock file exists",
    why="Without a lock file, each machine resolves other versions, and no image can be built.",
    fix="uv lock",
    level="warn",  # the setup session creates it
    ci_level="error",
)
def lock_exists(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """In a project that uses uv: `uv.lock` exists beside `pyproject.toml`."""
    if facts.of(probes.lock):
        yield ok("uv.lock")
    elif declaration.uses_uv:
        yield bad("uv.lock is missing", setup(declaration))


@check(
    "PF202",
    "Lock file is up to date",
    why="The changes are missing wherever the lock file is installed.",
    fix="uv lock",
    declared=True,
)
def lock_is_current(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The lock file records what the manifests state: version, Python, requirements, settings.

    Contents are compared, not dates. Where only uv can compare, or with `--deep`, it is run.
    """
    lock = facts.of(probes.lock)
    if not lock:
        return
    different: set[str] = set()
    unsure: list[str] = []
    members = facts.of(probes.members, declaration.members)
    compared = [compare_heads(declaration.stated, lock.head)]
    for path, manifest in {".": declaration, **members}.items():
        if path in lock.recorded:
            compared.append(compare(manifest.stated, lock.recorded[path]))
        else:
            different.add(f"{path} itself")
    for found in compared:
        different |= found.different
        unsure += found.unsure
    current = facts.of(probes.lock_is_current) if facts.deep or (unsure and not different) else None
    if current is not None:
        yield ok("checked by uv") if current else bad("uv reports that it needs an update")
    elif different:
        yield bad(f"changed since it was locked: {_listed(sorted(different))}")
    elif unsure:
        yield unknown(
            f"uv is needed to compare {_listed(unsure)}, and could not", "uv lock --check"
        )
    else:
        yield ok("it has the requirements of the manifest")


@check(
    "PF203",
    "Installed packages match the lock file",
    why="A test that passes with other versions proves nothing about the locked ones.",
    fix="uv sync",
    level="warn",
    ci_level="error",
    scopes=INSIDE,
    declared=True,
    fixable=True,
)
def installed_is_locked(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Installed versions are those of the lock file, and every direct dependency is installed."""
    lock = facts.of(probes.lock)
    installed = facts.of(probes.installed)
    if not lock or not installed:
        return
    differing = [
        f"{name} {found} (locked: {', '.join(sorted(lock.versions[name]))})"
        for name, found in sorted(installed.items())
        if any(lock.versions.get(name, ())) and found not in lock.versions[name]
    ]
    direct = {requirement(text)[0]: text for text in sorted(declaration.dependencies)}
    absent = [name for name in direct if name not in installed]
    differing += [f"{name} (not installed)" for name in absent if ";" not in direct[name]]
    if not differing:  # else a marker that cannot be evaluated would hide what differs
        python = facts.of(interpreter.environment).python
        differing = [f"{name} (not installed)" for name in absent if applies(direct[name], python)]
    if differing:
        yield bad(_listed(differing))
    elif declaration.dynamic:
        yield unknown("dynamic dependencies: some may be missing")
    else:
        yield ok(f"{len(installed)} packages")


@check(
    "PF204",
    "uv is installed",
    why="uv creates the environment from the lock file; every session runs it.",
    fix={
        "linux": "curl -LsSf https://astral.sh/uv/install.sh | sh",
        "macos": "brew install uv",
        "windows": "winget install astral-sh.uv",
    },
    scopes=INSIDE,
)
def uv_is_installed(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """In a project that uses uv: it is on `PATH`; with `--deep`, it has the `required-version`."""
    if not declaration.uses_uv and not facts.of(probes.lock):
        return
    path = facts.of(probes.uv)
    if not path:
        yield bad("uv is not on PATH")
    elif facts.deep and declaration.uv_version:
        here = facts.of(probes.uv_version)
        if satisfies(here, declaration.uv_version):
            yield ok(here)
        else:
            yield bad(
                f"uv is {here}, the project requires {declaration.uv_version}", "uv self update"
            )
    else:
        yield ok(path)


@check(
    "PF205",
    "`.env` has all variables of its example",
    why="A missing setting fails late, far from its cause.",
    fix={
        "linux": "cp .env.example .env",
        "macos": "cp .env.example .env",
        "windows": "copy .env.example .env",
    },
    level="warn",
    scopes=DEVELOPMENT,
    fixable=True,
)
def dotenv_is_complete(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Every variable of `.env.example` is set, in `.env` or in the environment."""
    found = facts.of(probes.dotenv)
    if not found.example:
        return
    here = facts.of(probes.variables)
    missing = [name for name in found.example if name not in here]
    if not missing:
        yield ok(f"{len(found.example)} variables")
    elif not found.exists:
        yield bad(".env does not exist, only its example")
    else:
        yield bad(
            f".env does not set {_listed(missing)}", "add the lines from .env.example to .env"
        )


@check(
    "PF206",
    "Declared environment variables are valid",
    why="Without this check, an invalid value shows at its first use, as a traceback.",
    fix="set it in .env",
    declared=True,
    scopes=INSIDE,
)
def variables_are_valid(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Each variable of `[tool.preflight.environment]` is set and valid. Values are never shown.

    Where tests run, a `default` counts as set: they get it.
    """
    here = facts.of(probes.variables)
    for variable in declaration.variables:
        value = here.get(variable.name, variable.default)
        problem = invalid(variable, value) if value else ""
        if not value and variable.optional:
            yield skip(f"{variable.name} is optional and not set", variable.name)
        elif not value:
            found = f"{variable.name} is not set"
            fix = f"{variable.name}=... in .env ({_expected(variable)})"
            yield bad(found, fix, variable.name)
        elif problem:
            fix = f"{variable.name}=... in .env ({_expected(variable)})"
            yield bad(f"{variable.name} {problem}", fix, variable.name)
        else:
            is_set = "is set" if variable.name in here else "has its default in tests"
            yield ok(f"{variable.name} {is_set}", variable.name)


@check(
    "PF207",
    "`.env` has no placeholders",
    why="A placeholder looks like a setting until the first request fails.",
    fix="put the real value in .env",
    level="warn",
    scopes=DEVELOPMENT,
)
def no_placeholder(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """No value in `.env` is `changeme`, `<something>` or the like."""
    found = facts.of(probes.dotenv)
    if not found.exists:
        return
    left = [name for name, value in found.values.items() if _is_placeholder(value)]
    if left:
        yield bad(f"{_listed(left)}: still a placeholder")
    else:
        yield ok("no placeholders")


@check(
    "PF208",
    "Tests need no package of the group `dev` alone",
    why="CI and the `test` image install the group `test`: the tests pass here and fail there.",
    fix="uv add --group test NAME",
    level="warn",
    scopes=INSIDE,
    declared=True,
)
def test_group_is_complete(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """In a project of the template: no test imports a package that only the group `dev` has.

    A pytest plugin counts as imported.
    """
    if not declaration.template:
        return
    names = {
        section: {entry.name for entry in declaration.stated.entries if entry.section == section}
        for section in ("", "group test", "group dev")
    }
    alone = names["group dev"] - names["group test"] - names[""]
    needed = {name for name in alone if name.startswith("pytest-")}
    if others := frozenset(alone - needed):
        needed |= facts.of(suite.imported, declaration.testpaths, others)
    if needed:
        listed = sorted(needed)
        yield bad(
            f"{_listed(listed)}: in the group dev alone", f"uv add --group test {' '.join(listed)}"
        )
    elif alone:
        yield ok(f"{_listed(sorted(alone))}: no test imports a module of that name")
    else:
        yield ok("the group dev has no package of its own")


def invalid(variable: Variable, value: str) -> str:
    """Return why the value of a variable is invalid; empty when it is valid."""
    if variable.type == "int" and not re.fullmatch(WHOLE_NUMBER, value):
        return "is not a whole number"
    if variable.type == "bool" and value.lower() not in BOOLEANS:
        return "is not a boolean"
    if variable.type == "url":
        scheme, separator, rest = value.partition("://")
        if not separator or not scheme.replace("+", "").isalnum() or not rest.strip("/"):
            return "is not a URL"
    if variable.type == "enum" and value not in variable.values:
        return "is not one of the allowed values"
    if variable.type == "path":
        import os

        if not os.path.exists(value):
            return "is not the path of an existing file or directory"
    return ""


def _expected(variable: Variable) -> str:
    return f"one of {', '.join(variable.values)}" if variable.values else variable.type


def _is_placeholder(value: str) -> bool:
    return value.lower() in PLACEHOLDERS or (value.startswith("<") and value.endswith(">"))


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown
