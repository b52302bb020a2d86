"""PF2xx: the lock, what is installed, and the environment variables."""

from __future__ import annotations

from hangar_devkit.preflight.declaration import version
from hangar_devkit.preflight.facts import environment as probes
from hangar_devkit.preflight.verdicts import INSIDE, bad, check, ok, skip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hangar_devkit.preflight.declaration import Declaration, Variable
    from hangar_devkit.preflight.facts import Facts
    from hangar_devkit.preflight.verdicts import Verdict

PLACEHOLDERS = ("changeme", "change-me", "change_me", "replace-me", "replace_me", "xxx", "...")
BOOLEANS = ("true", "false", "1", "0", "yes", "no", "on", "off")
WORKING = ("host", "container", "test")  # where a developer works, and has a `.env`


@check(
    "PF201",
    "There is a lock",
    why="Without one, every machine resolves other versions, and the image cannot be built.",
    mend="uvx nox -s setup",
    level="warn",  # the setup session makes it
    ci_level="error",
)
def lock_exists(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """`uv.lock` lies beside the manifest."""
    yield ok("uv.lock") if facts.of(probes.lock) else bad("uv.lock is missing")


@check(
    "PF202",
    "The lock is not older than the manifest",
    why="What the manifest gained since is missing wherever the lock is installed.",
    mend="uv lock",
    declared=True,
)
def lock_is_current(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Requirements and `requires-python` in the lock are those of the manifests.

    Contents are compared, not dates: git keeps none. With `--deep`, uv itself judges.
    """
    lock = facts.of(probes.lock)
    if not lock:
        return
    if facts.deep:
        problem = facts.of(probes.lock_is_current)
        yield bad("uv says that it needs an update") if problem else ok("checked by uv")
        return
    manifests = {
        ".": need.dependencies + need.extra_dependencies,
        **facts.of(probes.members, need.members),
    }
    differences = set()
    for path, stated in manifests.items():
        if path not in lock.wanted:
            differences.add(f"{path} itself")
            continue
        wanted = {probes.requirement(text) for text in stated}
        locked = lock.wanted[path]
        # A requirement with a source of its own, such as a workspace member, has no specifier.
        unpinned = {name for name, specifier in locked if not specifier}
        differences |= {name for name, _ in wanted ^ locked if name not in unpinned}
    if version(lock.requires_python.lstrip(">=~")) < version(need.requires_python.lstrip(">=~")):
        differences.add("requires-python")
    if differences:
        yield bad(f"the lock knows nothing of changes to {_listed(sorted(differences))}")
    else:
        yield ok("it has what the manifest asks for")


@check(
    "PF203",
    "What is installed is what is locked",
    why="A test that passes with other versions proves nothing about the locked ones.",
    mend="uv sync",
    level="warn",
    ci_level="error",
    scopes=INSIDE,
    declared=True,
    fix=True,
)
def installed_is_locked(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Installed versions are in the lock, and every direct dependency is installed."""
    lock = facts.of(probes.lock)
    installed = facts.of(probes.installed)
    if not lock or not installed:
        return
    differing = [
        f"{name} {found} (locked: {', '.join(sorted(lock.versions[name]))})"
        for name, found in sorted(installed.items())
        if any(lock.versions.get(name, ())) and found not in lock.versions[name]
    ]
    direct = [probes.requirement(text)[0] for text in need.dependencies if ";" not in text]
    differing += [f"{name} (not installed)" for name in sorted(direct) if name not in installed]
    yield bad(_listed(differing)) if differing else ok(f"{len(installed)} packages")


@check(
    "PF204",
    "uv is there",
    why="It makes the environment, from the lock; every session calls it.",
    mend={
        "linux": "curl -LsSf https://astral.sh/uv/install.sh | sh",
        "macos": "brew install uv",
        "windows": "winget install astral-sh.uv",
    },
    scopes=INSIDE,
)
def uv_is_there(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """`uv` is on `PATH`; with `--deep`, it is as new as `[tool.uv]` asks."""
    path = facts.of(probes.uv)
    if not path:
        yield bad("uv is not on PATH")
    elif facts.deep and need.uv_version:
        from hangar_devkit.preflight.verdicts.interpreter import allows

        here = facts.of(probes.uv_version)
        if allows(need.uv_version, version(here)) is False:
            yield bad(f"uv is {here}, the project needs {need.uv_version}", "uv self update")
        else:
            yield ok(here)
    else:
        yield ok(path)


@check(
    "PF205",
    "`.env` has what its example has",
    why="A setting that only others have fails late, far from its cause.",
    mend={
        "linux": "cp .env.example .env",
        "macos": "cp .env.example .env",
        "windows": "copy .env.example .env",
    },
    level="warn",
    scopes=WORKING,
    fix=True,
)
def dotenv_is_complete(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Every variable of `.env.example` is set, in `.env` or in the environment."""
    found = facts.of(probes.dotenv)
    if not found.example:
        return
    here = facts.of(probes.variables)
    missing = [name for name in found.example if name not in here]
    if not missing:
        yield ok(f"{len(found.example)} variables")
    elif not found.exists:
        yield bad("there is no .env, only its example")
    else:
        yield bad(f".env lacks {_listed(missing)}", "add the lines from .env.example to .env")


@check(
    "PF206",
    "Declared variables are set, to what they should be",
    why="A wrong type is found here in a line, else at the first use, by a traceback.",
    mend="set it in .env",
    declared=True,
    scopes=INSIDE,
)
def variables_are_valid(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Each variable of `[tool.preflight.environment]` is set and of its type. No value is shown."""
    here = facts.of(probes.variables)
    for variable in need.variables:
        value = here.get(variable.name, "")
        problem = wrong(variable, value) if value else ""
        if not value and variable.optional:
            yield skip(f"{variable.name} is not set, and may be so", variable.name)
        elif not value:
            found = f"{variable.name} is not set"
            mend = f"{variable.name}=... in .env ({_expected(variable)})"
            yield bad(found, mend, variable.name)
        elif problem:
            mend = f"{variable.name}=... in .env ({_expected(variable)})"
            yield bad(f"{variable.name} {problem}", mend, variable.name)
        else:
            yield ok(f"{variable.name} is set", variable.name)


@check(
    "PF207",
    "No placeholder is left in `.env`",
    why="A placeholder looks like a setting until the first request is refused.",
    mend="put the real value in .env",
    level="warn",
    scopes=WORKING,
)
def no_placeholder(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """No value in `.env` is `changeme`, `<something>` or the like."""
    found = facts.of(probes.dotenv)
    if not found.exists:
        return
    left = [name for name, value in found.values.items() if _is_placeholder(value)]
    if left:
        yield bad(f"{_listed(left)}: still a placeholder")
    else:
        yield ok("all values are real")


def wrong(variable: Variable, value: str) -> str:
    """What is wrong with a variable's value; empty when nothing is."""
    if variable.type == "int" and not value.lstrip("+-").isdigit():
        return "is no whole number"
    if variable.type == "bool" and value.lower() not in BOOLEANS:
        return "is neither true nor false"
    if variable.type == "url":
        scheme, separator, rest = value.partition("://")
        if not separator or not scheme.replace("+", "").isalnum() or not rest.strip("/"):
            return "is no URL"
    if variable.type == "enum" and value not in variable.values:
        return "is none of the allowed values"
    if variable.type == "path":
        import os

        if not os.path.exists(value):
            return "names no file or folder that is there"
    return ""


def _expected(variable: Variable) -> str:
    return f"one of {', '.join(variable.values)}" if variable.values else variable.type


def _is_placeholder(value: str) -> bool:
    return value.lower() in PLACEHOLDERS or (value.startswith("<") and value.endswith(">"))


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown
