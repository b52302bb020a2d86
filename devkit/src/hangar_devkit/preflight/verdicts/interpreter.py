"""PF1xx: the interpreter, and the virtual environment built from it."""

from __future__ import annotations

import os

from hangar_devkit.preflight.declaration import version
from hangar_devkit.preflight.facts import interpreter as probes
from hangar_devkit.preflight.verdicts import INSIDE, bad, check, dotted, ok, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hangar_devkit.preflight.declaration import Declaration
    from hangar_devkit.preflight.facts import Facts
    from hangar_devkit.preflight.verdicts import Verdict

COMPARISONS = (">=", "<=", "!=", "==", "~=", ">", "<")


def allows(specifier: str, found: tuple[int, ...]) -> bool | None:
    """Whether a version specifier allows a version; ``None`` when it cannot be understood."""
    for part in specifier.replace(" ", "").split(","):
        sign = next((s for s in COMPARISONS if part.startswith(s)), "")
        wanted = version(part[len(sign) :])
        if not sign or not wanted:
            return None
        here = found[: len(wanted)]
        verdicts = {
            ">=": found >= wanted,
            "<=": found <= wanted,
            ">": found > wanted,
            "<": found < wanted,
            "!=": here != wanted,
            "==": here == wanted,
            "~=": found >= wanted and here[:-1] == wanted[:-1],
        }
        if not verdicts[sign]:
            return False
    return True


@check(
    "PF101",
    "Python is one that the project supports",
    why="An older Python stops at its first newer syntax, or at a package without a wheel for it.",
    mend="uv python install",
    scopes=INSIDE,
)
def supported_python(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The Python that runs the preflight satisfies `requires-python` of the manifest."""
    here = facts.of(probes.interpreter).version
    if not need.requires_python:
        return
    allowed = allows(need.requires_python, here)
    if allowed is None:
        yield unknown(f"requires-python {need.requires_python!r} is not understood")
    elif allowed:
        yield ok(f"Python {dotted(here)}")
    else:
        yield bad(
            f"Python {dotted(here)} runs here, the project needs {need.requires_python}",
            f"uv python install {dotted(_least(need.requires_python))}",
        )


@check(
    "PF102",
    "Python is a build that wheels exist for",
    why="Few packages ship wheels for 32-bit or free-threaded builds: each install compiles.",
    mend="uv python install",
    level="warn",
    scopes=INSIDE,
)
def common_build(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The interpreter is a 64-bit build with the global interpreter lock."""
    found = facts.of(probes.interpreter)
    if found.bits != 64:
        yield bad("this Python is a 32-bit build")
    elif not found.gil:
        yield bad("this Python is a free-threaded build")
    else:
        yield ok("64-bit")


@check(
    "PF103",
    "The virtual environment exists",
    why="Tools and tests run from it; without it they are missing, or another project's.",
    mend="uvx nox -s setup",
    level="warn",
    scopes=("container", "test"),
    fix=True,
)
def environment_exists(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """There is a virtual environment at `UV_PROJECT_ENVIRONMENT`, or in `.venv`."""
    found = facts.of(probes.environment)
    if found.exists:
        yield ok(found.path)
    else:
        yield bad(f"no virtual environment at {found.path}")


@check(
    "PF104",
    "The virtual environment was built here",
    why="It holds absolute paths and one platform's programs: moved or shared, it starts nothing.",
    mend="remove the environment's folder, then: uv sync",
    scopes=INSIDE,
)
def environment_is_native(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The environment has this platform's layout, an interpreter that is there, and its own path.

    It finds the host's `.venv` seen from inside a container, and the other way round.
    """
    found = facts.of(probes.environment)
    if not found.exists:
        return
    layout = "windows" if facts.platform == "windows" else "posix"
    remove = "rmdir /s /q" if facts.platform == "windows" else "rm -rf"
    mend = f"{remove} {found.path} && uv sync"
    if found.built_for != layout:
        built_for = "Windows" if layout == "posix" else "Linux or macOS"
        yield bad(f"{found.path} was built on {built_for}", mend)
    elif not found.starts:
        yield bad(f"the Python that {found.path} was built from is not on this machine", mend)
    elif found.built_at and os.path.realpath(found.built_at) != os.path.realpath(found.path):
        yield bad(f"{found.path} was built at {found.built_at}", mend)
    else:
        yield ok(found.path)


@check(
    "PF105",
    "The virtual environment has a Python that the project supports",
    why="An environment keeps its first Python when the manifest moves on.",
    mend="uv sync",
    scopes=INSIDE,
    fix=True,
)
def environment_python(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The version in `pyvenv.cfg` satisfies `requires-python`."""
    found = facts.of(probes.environment)
    if not found.python or not need.requires_python:
        return
    if allows(need.requires_python, found.python) is False:
        yield bad(f"it has Python {dotted(found.python)}, the project needs {need.requires_python}")
    else:
        yield ok(f"Python {dotted(found.python)}")


@check(
    "PF106",
    "The active environment is the project's",
    why="uv ignores another active environment, pip does not: installs land in the wrong place.",
    mend="deactivate",
    level="warn",
    scopes=INSIDE,
)
def active_environment(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """`VIRTUAL_ENV` is not set, or names the project's environment."""
    found = facts.of(probes.environment)
    if not found.active:
        return
    if os.path.realpath(found.active) == os.path.realpath(found.path):
        yield ok(found.active)
    else:
        yield bad(f"{found.active} is active, the project's is {found.path}")


def _least(specifier: str) -> tuple[int, ...]:
    """The lower bound of a specifier, or nothing."""
    for part in specifier.replace(" ", "").split(","):
        if part.startswith((">=", "~=", "==")):
            return version(part[2:])
    return ()
