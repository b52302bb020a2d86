"""PF1xx: the interpreter and the virtual environment."""

from __future__ import annotations

import os

from hangar_devkit.preflight.facts import interpreter as probes
from hangar_devkit.preflight.verdicts import INSIDE, bad, check, ok, setup
from hangar_devkit.preflight.versions import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hangar_devkit.preflight.declaration import Declaration
    from hangar_devkit.preflight.facts import Facts
    from hangar_devkit.preflight.verdicts import Verdict


@check(
    "PF101",
    "Python version is supported",
    why="An older Python fails on newer syntax, or on a package without a wheel for it.",
    fix="uv python install",
    scopes=INSIDE,
)
def supported_python(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The Python that runs the preflight satisfies `requires-python` of the manifest."""
    here = facts.of(probes.interpreter).version
    if not declaration.requires_python:
        return
    if satisfies(here, declaration.requires_python):
        yield ok(f"Python {here}")
    else:
        yield bad(
            f"this is Python {here}, the project requires {declaration.requires_python}",
            f"uv python install '{declaration.requires_python}'",
        )


@check(
    "PF102",
    "Python is a standard 64-bit build",
    why="Few packages ship wheels for 32-bit or free-threaded builds; the others must compile.",
    fix="uv python install",
    level="warn",
    scopes=INSIDE,
)
def common_build(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
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
    "Virtual environment exists",
    why="Without it, tools and tests are missing, or those of another project run.",
    fix="uv sync",
    level="warn",
    scopes=("container", "test"),
    fixable=True,
)
def environment_exists(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """There is a virtual environment at `UV_PROJECT_ENVIRONMENT`, or in `.venv`."""
    found = facts.of(probes.environment)
    if found.exists:
        yield ok(found.path)
    else:
        yield bad(f"no virtual environment at {found.path}", setup(declaration))


@check(
    "PF104",
    "Virtual environment belongs to this machine",
    why="An environment holds absolute paths and programs of one platform: it cannot be moved.",
    fix="delete the directory of the environment, then: uv sync",
    scopes=INSIDE,
)
def environment_is_native(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The environment has this platform's layout, an existing interpreter, and its own path.

    This detects the `.venv` of the host inside a container, and the reverse.
    """
    found = facts.of(probes.environment)
    if not found.exists:
        return
    layout = "windows" if facts.platform == "windows" else "posix"
    remove = "rmdir /s /q" if facts.platform == "windows" else "rm -rf"
    fix = f"{remove} {found.path} && uv sync"
    if found.built_for != layout:
        built_for = "Windows" if layout == "posix" else "Linux or macOS"
        yield bad(f"{found.path} was created on {built_for}", fix)
    elif not found.starts:
        yield bad(f"the Python of {found.path} does not exist on this machine", fix)
    elif found.built_at and os.path.realpath(found.built_at) != os.path.realpath(found.path):
        yield bad(f"{found.path} was created at {found.built_at}", fix)
    else:
        yield ok(found.path)


@check(
    "PF105",
    "Virtual environment uses a supported Python",
    why="An environment keeps its Python when `requires-python` changes.",
    fix="uv sync",
    scopes=INSIDE,
    fixable=True,
)
def environment_python(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The version in `pyvenv.cfg` satisfies `requires-python`."""
    found = facts.of(probes.environment)
    if not found.python or not declaration.requires_python:
        return
    if satisfies(found.python, declaration.requires_python):
        yield ok(f"Python {found.python}")
    else:
        yield bad(
            f"it has Python {found.python}, the project requires {declaration.requires_python}"
        )


@check(
    "PF106",
    "Active environment is the project's",
    why="uv ignores another active environment, but pip installs into it.",
    fix="deactivate, or: unset VIRTUAL_ENV",
    level="warn",
    scopes=INSIDE,
)
def active_environment(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """`VIRTUAL_ENV` is not set, or names the project's environment."""
    found = facts.of(probes.environment)
    if not found.active:
        return
    if os.path.realpath(found.active) == os.path.realpath(found.path):
        yield ok(found.active)
    else:
        yield bad(f"{found.active} is active, the project's is {found.path}")


@check(
    "PF107",
    "Virtual environment has the Python of the images",
    why="What works with one version of Python may fail with that of the container.",
    fix="uv sync --python <version>",
    level="warn",
    scopes=("container", "test"),
)
def environment_python_of_images(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The environment has the version that `ARG PYTHON_VERSION` of the Dockerfile names."""
    wanted = facts.of(probes.image_python)
    here = facts.of(probes.environment).python
    if not wanted or not here:
        return
    parts = wanted.split(".")
    if here.split(".")[: len(parts)] == parts:
        yield ok(f"Python {here}")
    else:
        yield bad(
            f"the environment has Python {here}, the images have {wanted}",
            f"uv sync --python {wanted}",
        )
