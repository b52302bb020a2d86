"""The declaration of a project: what it requires of the machine."""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

from hangar_devkit.preflight.lock import Stated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SCOPES = ("host", "container", "test", "ci")
MANAGERS = ("apt", "dnf", "brew", "winget")
CAPABILITIES = ("net_raw", "gpu")
PURPOSES = ("runtime", "dev", "build")
TYPES = ("str", "int", "bool", "url", "path", "enum")
UNITS = {"kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}


class Requirement(NamedTuple):
    """A required library, executable or capability."""

    name: str
    optional: bool = False  # missing is a warning: only marked tests use it
    purpose: str = "runtime"  # "dev": only development and tests use it; "build": compilers
    packages: Mapping[str, tuple[str, ...]] = MappingProxyType({})  # names, by manager
    url: str = ""  # source where no package manager has it
    sonames: tuple[str, ...] = ()  # of a library, tried in order
    minimum: str = ""  # minimum version of an executable
    flag: str = "--version"  # makes an executable print its version


class Variable(NamedTuple):
    """A required environment variable, set here or in `.env`."""

    name: str
    type: str = "str"
    values: tuple[str, ...] = ()  # of an enum
    optional: bool = False
    default: str = ""  # what tests get where it is not set


class Declaration(NamedTuple):
    """What a project requires of the machine, and what its manifest states about Python."""

    path: str
    name: str = ""
    readable: bool = True  # False: this Python has no `tomllib`, only the next field is known
    declared: bool = False  # whether there is a [tool.preflight] at all
    requires_python: str = ""
    dependencies: tuple[str, ...] = ()
    extra_dependencies: tuple[str, ...] = ()  # of extras and dependency groups
    stated: Stated = Stated()
    dynamic: bool = False  # whether the build back end adds dependencies
    members: tuple[str, ...] = ()  # of the uv workspace
    uses_uv: bool = False  # whether the project has a template or a [tool.uv]
    uv_version: str = ""
    template: str = ""  # the version that [tool.hangar] names
    testpaths: tuple[str, ...] = ()  # of pytest; where they are empty, the project
    devkit_path: str = ""  # of the source of hangar-devkit in [tool.uv.sources]
    ignore: tuple[str, ...] = ()
    libraries: tuple[Requirement, ...] = ()
    executables: tuple[Requirement, ...] = ()
    capabilities: tuple[Requirement, ...] = ()
    variables: tuple[Variable, ...] = ()
    ports: tuple[tuple[str, int], ...] = ()
    memory: int = 0  # bytes
    disk: int = 0  # bytes
    cpus: int = 0

    def for_purpose(self, purpose: str) -> list[Requirement]:
        """Return what a purpose requires; ``dev`` requires everything, to compile too."""
        declared = self.libraries + self.executables + self.capabilities
        return [entry for entry in declared if purpose in ("dev", entry.purpose)]

    def packages(self, manager: str, purpose: str = "dev") -> list[str]:
        """Return the declared packages of one manager for a purpose, sorted."""
        declared = self.for_purpose(purpose)
        return sorted({name for entry in declared for name in entry.packages.get(manager, ())})


def size(text: str) -> int:
    """Return the bytes in a size such as `4 GB` or the dev container's `4gb`; 0 if invalid."""
    compact = text.lower().replace(" ", "").replace("ib", "b")
    number, unit = compact[:-2], compact[-2:]
    try:
        return int(float(number) * UNITS[unit]) if 0 < float(number) < 1e6 else 0
    except (KeyError, ValueError):
        return 0
