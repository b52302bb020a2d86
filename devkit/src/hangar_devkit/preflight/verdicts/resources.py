"""PF5xx: memory, CPUs, disk, ports and kernel limits."""

from __future__ import annotations

from hangar_devkit.preflight.facts import resources as probes
from hangar_devkit.preflight.verdicts import bad, check, ok, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hangar_devkit.preflight.declaration import Declaration
    from hangar_devkit.preflight.facts import Facts
    from hangar_devkit.preflight.verdicts import Verdict

MINIMUM_WATCHES = 65536  # an editor and a watcher on a project with its environment
MINIMUM_INSTANCES = 128
MINIMUM_OPEN_FILES = 1024
GIGABYTE = 1 << 30
TOLERANCE = 0.95  # firmware and kernel reserve a part


@check(
    "PF501",
    "Enough memory",
    why="Without enough memory, the kernel kills processes silently.",
    fix="close other programs, or raise the limit of the container or its virtual machine",
    level="warn",
    declared=True,
)
def enough_memory(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Memory, or the control group's limit, is what declaration and dev container require."""
    required = max(declaration.memory, _of_dev_container(facts).memory)
    if not required:
        return
    here = facts.of(probes.memory)
    yield _compare(here, required * TOLERANCE, f"{_gb(here)} available, {_gb(required)} required")


@check(
    "PF502",
    "Enough CPUs",
    why="With fewer CPUs, builds and parallel tests exceed their time limits.",
    fix="raise the limit of the container or its virtual machine",
    level="warn",
    declared=True,
)
def enough_cpus(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """CPUs, or the control group's quota, are what declaration and dev container require."""
    required = max(declaration.cpus, _of_dev_container(facts).cpus)
    if not required:
        return
    here = facts.of(probes.cpus)
    yield _compare(here, required, f"{here:g} available, {required} required")


@check(
    "PF503",
    "Enough disk space",
    why="A full disk breaks builds, and can damage a database.",
    fix="docker system prune, or uv cache prune",
    level="warn",
    declared=True,
)
def enough_disk(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The free space for the project is what the declaration and the dev container require."""
    required = max(declaration.disk, _of_dev_container(facts).disk)
    if not required:
        return
    here = facts.of(probes.disk)
    yield _compare(here, required, f"{_gb(here)} free, {_gb(required)} required")


@check(
    "PF504",
    "Declared ports are free",
    why="A service whose port is in use does not start, and tests reach the wrong one.",
    fix={
        "linux": "docker compose down, or find the process: ss -ltnp",
        "macos": "docker compose down, or find the process: lsof -nP -iTCP -sTCP:LISTEN",
        "windows": "docker compose down, or find the process: netstat -ano",
    },
    level="warn",  # it may be in use by the project's own service
    ci_level="error",
    scopes=("host", "test", "ci"),
    declared=True,
)
def ports_are_free(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Nothing listens on the ports of `[tool.preflight.ports]`."""
    for name, port in declaration.ports:
        problem = facts.of(probes.port_problem, port)
        if not problem:
            yield ok(f"{name}: {port}", name)
        elif problem == "in use":
            yield bad(f"port {port} ({name}) is in use", subject=name)
        else:
            found = f"port {port} ({name}) is free, and this user may not listen on it"
            yield unknown(found, "publish it by the container engine, or choose 1024 or more", name)


@check(
    "PF505",
    "inotify limits are high enough",
    why="Editors and reloaders that reach a limit fail with 'no space left on device'.",
    fix="sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512",
    level="warn",
    scopes=("host", "container"),
)
def enough_watches(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """On Linux: inotify allows 65536 watches and 128 instances for a user."""
    found = facts.of(probes.watches)
    if not found:
        return
    if found.files < MINIMUM_WATCHES or found.instances < MINIMUM_INSTANCES:
        yield bad(f"{found.files} watches and {found.instances} instances of inotify")
    else:
        yield ok(f"{found.files} watches")


@check(
    "PF506",
    "Open file limit is high enough",
    why="At the limit, parallel tests and databases stop with 'too many open files'.",
    fix="ulimit -n 4096",
    level="warn",
)
def enough_open_files(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The limit of open files for a process is 1024 or more."""
    limit = facts.of(probes.open_files)
    if not limit:
        return
    yield _compare(limit, MINIMUM_OPEN_FILES, f"{limit} open files for a process")


def _of_dev_container(facts: Facts) -> probes.Requirements:
    """Return what the dev container requires, in the scopes that run one."""
    relevant = {"host", "container"}.intersection(facts.scopes)
    return facts.of(probes.host_requirements) if relevant else probes.Requirements()


def _compare(here: float, required: float, found: str) -> Verdict:
    return ok(found) if here >= required else bad(found)


def _gb(amount: float) -> str:
    return f"{amount / GIGABYTE:.1f} GB"
