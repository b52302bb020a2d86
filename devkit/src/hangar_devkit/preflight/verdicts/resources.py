"""PF5xx: memory, processors, disk, ports and the kernel's limits."""

from __future__ import annotations

from hangar_devkit.preflight.facts import resources as probes
from hangar_devkit.preflight.verdicts import bad, check, ok

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hangar_devkit.preflight.declaration import Declaration
    from hangar_devkit.preflight.facts import Facts
    from hangar_devkit.preflight.verdicts import Verdict

LEAST_WATCHES = 65536  # an editor and a watcher on a project with its environment
LEAST_INSTANCES = 128
LEAST_OPEN_FILES = 1024
GIGABYTE = 1 << 30
SLACK = 0.95  # firmware and kernel keep a part of what was bought


@check(
    "PF501",
    "There is enough memory",
    why="Short of memory, the kernel kills a process without a word.",
    mend="close other programs, or raise the limit of the container or its virtual machine",
    level="warn",
    declared=True,
)
def enough_memory(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Memory, or the control group's limit, is what the declaration and the dev container ask."""
    wanted = max(need.memory, _of_dev_container(facts).memory)
    if not wanted:
        return
    here = facts.of(probes.memory)
    yield _judged(here, wanted * SLACK, f"{_gb(here)} here, {_gb(wanted)} needed")


@check(
    "PF502",
    "There are enough processors",
    why="Builds and parallel tests on fewer run into their time limits.",
    mend="raise the limit of the container or its virtual machine",
    level="warn",
    declared=True,
)
def enough_cpus(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Processors, or the control group's quota, are what declaration and dev container ask."""
    wanted = max(need.cpus, _of_dev_container(facts).cpus)
    if not wanted:
        return
    here = facts.of(probes.cpus)
    yield _judged(here, wanted, f"{here:g} here, {wanted} needed")


@check(
    "PF503",
    "There is enough room on the disk",
    why="A full disk breaks a build half-way, and a database for good.",
    mend="docker system prune, uv cache prune, or make room otherwise",
    level="warn",
    declared=True,
)
def enough_disk(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Free space where the project lies is what the declaration and the dev container ask."""
    wanted = max(need.disk, _of_dev_container(facts).disk)
    if not wanted:
        return
    here = facts.of(probes.disk)
    yield _judged(here, wanted, f"{_gb(here)} free, {_gb(wanted)} needed")


@check(
    "PF504",
    "Declared ports are free",
    why="A service that finds its port taken does not start; tests then talk to the other one.",
    mend={
        "linux": "docker compose down, or find the holder: ss -ltnp",
        "macos": "docker compose down, or find the holder: lsof -nP -iTCP -sTCP:LISTEN",
        "windows": "docker compose down, or find the holder: netstat -ano",
    },
    level="warn",  # the holder may be this project's own service
    ci_level="error",
    scopes=("host", "test", "ci"),
    declared=True,
)
def ports_are_free(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Nothing listens yet on the ports of `[tool.preflight.ports]`."""
    for name, port in need.ports:
        if facts.of(probes.port_is_free, port):
            yield ok(f"{name}: {port}", name)
        else:
            yield bad(f"port {port} ({name}) is taken", subject=name)


@check(
    "PF505",
    "The kernel watches enough files",
    why="Editors and reloaders miss changes, or stop with 'no space left on device'.",
    mend="sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512",
    level="warn",
    scopes=("host", "container"),
)
def enough_watches(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """On Linux: inotify allows 65536 watches and 128 instances for a user."""
    found = facts.of(probes.watches)
    if not found:
        return
    if found.files < LEAST_WATCHES or found.instances < LEAST_INSTANCES:
        yield bad(f"{found.files} watches and {found.instances} instances of inotify")
    else:
        yield ok(f"{found.files} watches")


@check(
    "PF506",
    "Enough files may be open",
    why="Parallel tests and databases stop with 'too many open files'.",
    mend="ulimit -n 4096",
    level="warn",
)
def enough_open_files(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The limit of open files for a process is 1024 or more."""
    limit = facts.of(probes.open_files)
    if not limit:
        return
    yield _judged(limit, LEAST_OPEN_FILES, f"{limit} open files for a process")


def _of_dev_container(facts: Facts) -> probes.Requirements:
    """What the dev container asks for, where it is started or has been."""
    concerned = {"host", "container"}.intersection(facts.scopes)
    return facts.of(probes.host_requirements) if concerned else probes.Requirements()


def _judged(here: float, wanted: float, found: str) -> Verdict:
    return ok(found) if here >= wanted else bad(found)


def _gb(amount: float) -> str:
    return f"{amount / GIGABYTE:.1f} GB"
