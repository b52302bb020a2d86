"""Preflight: CPU time of a full run in each scope, and what it imports.

From the environment (`python -m hangar_devkit preflight`) and from the wheel by the launcher
(`tools/hangar.py`), where nothing is cached. The project has a lock of 100 packages and its
environment. A figure is the lowest of its runs, above that of `python -I -c pass`.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.framework import progress
from benchmarks.framework.figures import ROOT, Figure, Options, from_runs
from benchmarks.framework.timing import measure
from scripts import wheel

ROUNDS = 20
PACKAGES = 100
SCOPES = ("host", "container", "test", "ci")
# How the preflight is started: target in milliseconds of CPU time.
ENVIRONMENT, WHEEL = "from the environment", "from the wheel"
TARGETS = {ENVIRONMENT: 50.0, WHEEL: 110.0}
BARE = "a bare Python"
MANIFEST = """\
[project]
name = "demo"
requires-python = ">=3.9"
dependencies = ["package-0>=1"]
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


def figures(options: Options) -> list[Figure]:
    """Measure every scope, and the package list of the Dockerfile, started in both ways."""
    with tempfile.TemporaryDirectory() as directory:
        project = Path(directory)
        make_project(project)
        times = measure_all(project, options.rounds or ROUNDS)
        foreign = foreign_imports(project)
    bare = times.pop((BARE, ""))
    # Other work only adds: the lowest of the runs is what the program itself takes.
    above = [
        from_runs(
            "CPU time above a bare Python",
            [value - min(bare) for value in values],
            "ms",
            of=f"{what}, {start}",
            pick=min,
            target=TARGETS[start],
        )
        for (start, what), values in times.items()
    ]
    imports = Figure("modules imported from outside the standard library", len(foreign), target=0)
    return [*above, imports, from_runs(f"CPU time of {BARE}", bare, "ms", pick=min)]


def make_project(project: Path) -> None:
    """Make a project with everything that the preflight checks."""
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
    tools = project / "tools"
    tools.mkdir()
    shutil.copy2(ROOT / wheel.TOOLS / "hangar.py", tools)
    wheel.build(ROOT, tools)
    subprocess.run(["git", "init", "--quiet", project], check=True)


def commands(project: Path) -> dict[tuple[str, str], list[str]]:
    """Return the commands to measure, by how they start and what they do."""
    starts = {
        ENVIRONMENT: [sys.executable, "-m", "hangar_devkit", "preflight"],
        WHEEL: [sys.executable, str(project / "tools" / "hangar.py"), "preflight"],
    }
    actions = {f"scope {scope}": [f"--scope={scope}"] for scope in SCOPES}
    actions["packages for the Dockerfile"] = ["apt"]
    return {
        (start, what): [*words, f"--project={project}", *arguments]
        for start, words in starts.items()
        for what, arguments in actions.items()
    }


def measure_all(project: Path, rounds: int) -> dict[tuple[str, str], list[float]]:
    """Measure every command, interleaved, in milliseconds of CPU time."""
    runs = {(BARE, ""): [sys.executable, "-I", "-c", "pass"], **commands(project)}
    times: dict[tuple[str, str], list[float]] = {key: [] for key in runs}
    for number in range(rounds + 1):  # the first round writes the bytecode
        progress.step(f"round {number} of {rounds}" if number else "warm-up")
        for key, command in runs.items():
            # 1 is the exit code for findings.
            cost = measure(command, project, codes=(0, 1))
            times[key] += [1000 * cost.cpu] if number else []
    return times


def foreign_imports(project: Path) -> set[str]:
    """Return the packages that a full run imports besides the standard library and its own."""
    imports = [imported(command) for command in commands(project).values()]
    # Imports by the site files of this machine do not count.
    known = imported([sys.executable, "-c", "pass"]) | set(sys.stdlib_module_names)
    return set().union(*imports) - known - {"hangar_devkit"}


def imported(command: Sequence[str]) -> set[str]:
    """Return the top-level packages that a Python program imports."""
    words = [command[0], "-Ximporttime", *command[1:]]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines[1:]}
