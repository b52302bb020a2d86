"""A fake machine: real files under a directory, and attributes for all else."""

import json
from collections.abc import Sequence
from pathlib import Path

from hangar_devkit.preflight.declaration import Declaration
from hangar_devkit.preflight.facts import Facts
from hangar_devkit.preflight.machine import Machine
from hangar_devkit.preflight.pyproject import load
from hangar_devkit.preflight.run import Finding, run_checks

MANIFEST = """\
[project]
name = "demo"
requires-python = ">=3.11"
dependencies = ["pydantic>=2.10"]
"""
LOCK = """\
version = 1
requires-python = ">=3.11"

[[package]]
name = "demo"
version = "0.1.0"
source = { virtual = "." }
dependencies = [
    { name = "pydantic" },
]

[package.metadata]
requires-dist = [{ name = "pydantic", specifier = ">=2.10" }]

[[package]]
name = "pydantic"
version = "2.11.0"
source = { registry = "https://example.com/simple" }
"""
DOCKER = {"Version": "27.1.0", "Arch": "amd64", "Components": [{"Name": "Engine"}]}


class FakeMachine(Machine):
    """A machine whose libraries, sockets, ports and limits a test sets."""

    libraries: frozenset[str] = frozenset()
    raw_problem = ""
    taken: frozenset[int] = frozenset()
    port_refusal = ""
    answers: dict[str, dict[str, object] | OSError] = {}  # noqa: RUF012 - replaced, never changed
    settings: dict[str, object] = {}  # noqa: RUF012 - of the registry
    administrator = False
    capable_interpreter = False
    built_in_memory = 16 << 30
    processors = 8
    free = 100 << 30
    file_limit = 4096
    locked: tuple[str, ...] = ()  # directories that are not writable
    ignores_case = False  # the file system
    printed: dict[str, str | OSError] = {}  # noqa: RUF012 - what a command prints, by its first word

    def loads(self, library: str) -> bool:
        return library in self.libraries

    def raw_socket(self) -> str:
        return self.raw_problem

    def port_problem(self, port: int) -> str:
        return "in use" if port in self.taken else self.port_refusal

    def ask(self, address: str, path: str) -> str:
        answer = self.answers.get(address, FileNotFoundError(2, "No such file or directory"))
        if isinstance(answer, OSError):
            raise answer
        return json.dumps(answer)

    def registry(self, key: str, name: str) -> object:
        return self.settings.get(f"{key.rpartition('Services')[2]}\\{name}".lstrip("\\"))

    def is_administrator(self) -> bool:
        return self.administrator

    def file_capability(self, path: str) -> bool:
        return self.capable_interpreter

    def memory(self) -> int:
        return self.built_in_memory

    def cpus(self) -> int:
        return self.processors

    def disk_free(self, path: str) -> int:
        return self.free

    def open_files(self) -> int:
        return self.file_limit

    def can_read(self, path: str) -> bool:
        place = Path(path)
        names = {each.name for each in place.parent.iterdir()}
        if self.ignores_case:
            names |= {name.upper() for name in names}
        return place.name in names and place.name not in self.locked

    def can_write(self, path: str) -> bool:
        return Path(path).name not in self.locked

    def run(self, command: Sequence[str], timeout: float = 10) -> str:
        del timeout
        name = Path(command[0]).name
        printed = self.printed.get(name, OSError(f"`{name}` failed"))
        if isinstance(printed, OSError):
            raise printed
        return printed


class Sandbox:
    """A project, a file-system root, a home and an environment, all below one directory."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.root = folder / "root"
        self.home = folder / "home"
        self.path = folder / "path"
        for made in (self.project, self.root, self.home, self.path):
            made.mkdir()
        self.environ = {"HOME": str(self.home), "PATH": str(self.path)}
        self.platform = "linux"
        self.scopes: tuple[str, ...] = ("test",)
        self.deep = False
        self.machine: dict[str, object] = {"uid": 1000, "arch": "x86_64", "python": (3, 13, 0)}
        self.write("pyproject.toml", MANIFEST)

    def write(self, path: str, text: str = "", mode: int = 0o644) -> Path:
        """Write a file of the project."""
        return _written(self.project / path, text, mode)

    def declare(self, text: str) -> None:
        """Add to the manifest."""
        self.write("pyproject.toml", f"{MANIFEST}\n{text}\n")

    def system(self, path: str, text: str = "") -> Path:
        """Write a file of the operating system."""
        return _written(self.root / path.replace(":", "").lstrip("/"), text, 0o644)

    def program(self, name: str) -> None:
        """Put a program on PATH."""
        _written(self.path / name, "#!/bin/sh\n", 0o755)

    def environment(self, settings: str = "version_info = 3.13.0\n") -> Path:
        """Create the files of a virtual environment."""
        folder = self.project / ".venv"
        _written(folder / "pyvenv.cfg", settings, 0o644)
        _written(folder / "bin" / "python", "", 0o755)
        _written(folder / "bin" / "activate", f"VIRTUAL_ENV='{folder}'\n", 0o644)
        return folder

    def container(self) -> None:
        """Mark the machine as a container."""
        self.system("/.dockerenv")

    def docker(self, **changes: object) -> None:
        """Add a container engine that responds on the usual socket, and a Dockerfile."""
        self.scopes = ("host",)
        self.write("Dockerfile", "FROM scratch\n")
        socket = str(self.root / "var/run/docker.sock")
        self.machine["answers"] = {socket: {**DOCKER, **changes}}

    def build(self) -> FakeMachine:
        """Return the machine as arranged."""
        machine = FakeMachine(
            str(self.project), platform=self.platform, root=str(self.root), environ=self.environ
        )
        for name, value in self.machine.items():
            setattr(machine, name, value)
        return machine

    def declaration(self) -> Declaration:
        """Return the project's declaration."""
        return load(str(self.project))

    def check(
        self, *only: str, ignore: tuple[str, ...] = (), strict: bool = False
    ) -> list[Finding]:
        """Run checks, and return the findings."""
        facts = Facts(self.build(), self.scopes, deep=self.deep)
        return run_checks(
            self.declaration(), facts, only=only, ignore=ignore, strict=strict
        ).findings


def _written(path: Path, text: str, mode: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    path.chmod(mode)
    return path
