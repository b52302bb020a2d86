"""CPU of a full run in each scope above that of a bare interpreter.

`nox -s bench -- preflight_cpu [INTERPRETER]` prints milliseconds, the least of
20 runs, and fails above the budget.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUDGET = 50.0  # milliseconds
RUNS = 20
PACKAGES = 100
SCOPES = ("host", "container", "test", "ci")
# As on a developer's machine: the second run has the bytecode of the first.
ENVIRON = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
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
    subprocess.run(command, env=ENVIRON, check=False, stdout=quiet, stderr=quiet)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def measure(interpreter: str, project: Path) -> dict[str, float]:
    """Least milliseconds of each command, taken in turn: other work only ever adds."""
    script = [interpreter, str(project / "tools" / "preflight.py"), f"--project={project}"]
    commands = {
        "bare": [interpreter, "-I", "-c", "pass"],
        "tomllib": [interpreter, "-I", "-c", "import tomllib"],
        "apt": [*script, "apt"],
        **{scope: [*script, f"--scope={scope}"] for scope in SCOPES},
    }
    found: dict[str, list[float]] = {name: [] for name in commands}
    for command in commands.values():  # writes the bytecode
        cpu(command)
    for _ in range(RUNS):
        for name, command in commands.items():
            found[name].append(cpu(command))
    return {name: min(taken) for name, taken in found.items()}


def main() -> int:
    """Print the figures; 1 when a scope is above the budget."""
    interpreter = (sys.argv[1:] or [sys.executable])[0]
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder))
        found = measure(interpreter, Path(folder))
    bare = found.pop("bare")
    print(f"{interpreter}: {bare:.1f} ms bare; above it:")
    for name, taken in found.items():
        print(f"  {name:10} {taken - bare:5.1f} ms")
    return int(any(found[scope] - bare > BUDGET for scope in SCOPES))


if __name__ == "__main__":
    sys.exit(main())
