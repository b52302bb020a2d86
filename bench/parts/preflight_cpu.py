"""Preflight: CPU time of a full run in each scope, and what it imports.

The project has a lock of 100 packages and its environment. The figure is the least of the runs,
above that of `python -I -c pass`.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import progress
from bench.figures import ROOT, Figure, Options, of_runs

BUDGET = 50.0  # milliseconds
ROUNDS = 20
PACKAGES = 100
SCOPES = ("host", "container", "test", "ci")
MANIFEST = """\
[project]
name = "demo"
requires-python = ">=3.9"
dependencies = ["package-0>=1"]
[tool.uv.workspace]
members = ["tools"]
[tool.preflight]
ignore = ["PF401"]
[tool.preflight.libraries]
libpcap = { optional = true }
libgl = { optional = true }
[tool.preflight.executables]
git = { minimum = "2.28", apt = "git", for = "dev" }
[tool.preflight.environment]
DATABASE_URL = { type = "url", optional = true }
[tool.preflight.capabilities]
net_raw = { optional = true }
[tool.preflight.ports]
web = 8000
[tool.preflight.resources]
memory = "1 GB"
"""
PACKAGE = """\
[[package]]
name = "package-{number}"
version = "1.0.{number}"
source = {{ registry = "https://example.com/simple" }}
dependencies = [{{ name = "package-0" }}]
wheels = [
    {{ url = "https://example.com/{number}.whl", hash = "sha256:{hash}", size = 1 }},
    {{ url = "https://example.com/{number}-win.whl", hash = "sha256:{hash}", size = 1 }},
]
"""


def make(project: Path) -> None:
    """Make a project with all that the preflight looks at."""
    blocks = [PACKAGE.format(number=number, hash="0" * 64) for number in range(PACKAGES)]
    site = project / ".venv" / "lib" / "python3.13" / "site-packages"
    for number in range(PACKAGES):
        (site / f"package_{number}-1.0.{number}.dist-info").mkdir(parents=True)
    (project / ".venv" / "pyvenv.cfg").write_text("version_info = 3.13.0\n")
    (project / "pyproject.toml").write_text(MANIFEST)
    (project / "uv.lock").write_text("version = 1\n\n" + "\n".join(blocks))
    (project / ".env.example").write_text("DATABASE_URL=\n")
    for name in ("Dockerfile", "compose.yaml", ".pre-commit-config.yaml"):
        (project / name).touch()
    (project / ".devcontainer").mkdir()
    (project / ".devcontainer" / "devcontainer.json").write_text(
        '{ // for the host\n "hostRequirements": {"cpus": 1, "memory": "1gb"} }'
    )
    shutil.copytree(ROOT / "tools", project / "tools", symlinks=False)
    subprocess.run(["git", "init", "--quiet", project], check=True)


def cpu(command: list[str]) -> float:
    """Milliseconds of CPU that a command takes, in user and kernel."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    quiet = subprocess.DEVNULL
    subprocess.run(command, check=False, stdout=quiet, stderr=quiet)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def measure(project: Path, rounds: int) -> dict[str, list[float]]:
    """Measure each command in turn, in milliseconds."""
    commands = {
        "bare": [sys.executable, "-I", "-c", "pass"],
        "apt": [*script(project), "apt"],
        **{scope: [*script(project), f"--scope={scope}"] for scope in SCOPES},
    }
    found: dict[str, list[float]] = {name: [] for name in commands}
    for command in commands.values():  # writes the bytecode
        cpu(command)
    for turn in range(1, rounds + 1):
        progress.step(f"round {turn} of {rounds}")
        for name, command in commands.items():
            found[name].append(cpu(command))
    return found


def script(project: Path) -> list[str]:
    """Return the command that looks at a project."""
    return [sys.executable, str(project / "tools" / "preflight.py"), f"--project={project}"]


def strangers(project: Path) -> set[str]:
    """Name what a full run imports that is neither the standard library nor its own."""
    scopes = [imported([*script(project), f"--scope={scope}"]) for scope in SCOPES]
    # What the machine's own site files import is none of it.
    known = (
        imported([sys.executable, "-c", "pass"]) | {"hangar_devkit"} | set(sys.stdlib_module_names)
    )
    return set().union(*scopes) - known


def imported(command: list[str]) -> set[str]:
    """Name the packages that a Python program imports."""
    words = [command[0], "-Ximporttime", *command[1:]]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines[1:]}


def figures(options: Options) -> list[Figure]:
    """Measure every scope, and what an image's build asks for."""
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder))
        found = measure(Path(folder), options.rounds or ROUNDS)
        foreign = len(strangers(Path(folder)))
    alone = found.pop("bare")
    bare = min(alone)
    names = {"apt": "packages for the Dockerfile", **{s: f"scope {s}" for s in SCOPES}}
    # Other work only ever adds: the least of the runs is what the program itself takes.
    above = [
        of_runs(
            "CPU time above a bare interpreter",
            [value - bare for value in values],
            "ms",
            of=names[name],
            pick=min,
            target=BUDGET,
        )
        for name, values in found.items()
    ]
    imports = Figure("modules imported from outside the standard library", foreign, target=0)
    return [*above, imports, of_runs("CPU time of a bare interpreter", alone, "ms", pick=min)]
