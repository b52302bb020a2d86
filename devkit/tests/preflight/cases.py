"""For every check, an arrangement in which it passes and one in which it fails."""

import os
from collections.abc import Callable
from typing import NamedTuple

from .fakes import LOCK, Sandbox

Arrange = Callable[[Sandbox], object]


class Pair(NamedTuple):
    """Two arrangements of a machine: the check passes, the check fails."""

    good: Arrange
    bad: Arrange


PAIRS: dict[str, Pair] = {}
CAPTURE = "[tool.preflight.libraries]\nlibpcap = true"
GROUPS = (
    "[tool.hangar]\ntemplate = '0.2.0'\n"
    "[dependency-groups]\ntest = [{test}]\ndev = [{dev}, {{ include-group = 'test' }}]"
)
RAW = "[tool.preflight.capabilities]\nnet_raw = true"
PROC = "CapEff:\t0000000000000000\nCapBnd:\t{bounding}\nNoNewPrivs:\t{nnp}\n"
ALL = "000001ffffffffff"
DRIVER = {"npcap\\Start": 1, "npcap\\Parameters\\AdminOnly": 0}
MOUNT = "1 0 0:1 / / rw - ext4 /dev/sda rw\n2 1 0:2 / {project} rw - {type} host rw\n"


def pair(id: str, good: Arrange, bad: Arrange) -> None:
    """Register the two arrangements of a check."""
    PAIRS[id] = Pair(good, bad)


def both(*steps: Arrange) -> Arrange:
    """One arrangement after another."""

    def arrange(sandbox: Sandbox) -> None:
        for step in steps:
            step(sandbox)

    return arrange


def machine(**changes: object) -> Arrange:
    """An arrangement that sets attributes of the machine."""
    return lambda sandbox: sandbox.machine.update(changes)


def environ(**changes: str) -> Arrange:
    """An arrangement that sets variables."""
    return lambda sandbox: sandbox.environ.update(changes)


def scope(name: str) -> Arrange:
    """An arrangement that chooses the scope."""
    return lambda sandbox: setattr(sandbox, "scopes", (name,))


def platform(name: str) -> Arrange:
    """An arrangement that chooses the platform."""
    return lambda sandbox: setattr(sandbox, "platform", name)


def declare(text: str) -> Arrange:
    """An arrangement that adds to the manifest."""
    return lambda sandbox: sandbox.declare(text)


def write(path: str, text: str = "", mode: int = 0o644) -> Arrange:
    """An arrangement that writes a file of the project."""
    return lambda sandbox: sandbox.write(path, text, mode)


def system(path: str, text: str = "") -> Arrange:
    """An arrangement that writes a file of the operating system."""
    return lambda sandbox: sandbox.system(path, text)


def environment(sandbox: Sandbox) -> None:
    """An environment that was created here."""
    sandbox.environment()


def installed(version: str) -> Arrange:
    """An arrangement with a lock and one installed package."""

    def arrange(sandbox: Sandbox) -> None:
        sandbox.write("uv.lock", LOCK)
        folder = sandbox.environment() / "lib/python3.13/site-packages"
        (folder / f"pydantic-{version}.dist-info").mkdir(parents=True)

    return arrange


def docker(**changes: object) -> Arrange:
    """An arrangement with a container engine."""
    return lambda sandbox: sandbox.docker(**changes)


def plugin(name: str) -> Arrange:
    """An arrangement with a plug-in of the docker client."""
    return system(f"/usr/libexec/docker/cli-plugins/docker-{name}")


def rootless(sandbox: Sandbox) -> None:
    """Docker in rootless mode: its socket is below the user's run-time folder."""
    sandbox.docker()
    runtime = sandbox.root / "run/user/1000"
    sandbox.environ["XDG_RUNTIME_DIR"] = str(runtime)
    answer = next(iter(sandbox.machine["answers"].values()))  # type: ignore[attr-defined]
    sandbox.machine["answers"] = {str(runtime / "docker.sock"): answer}


def owned(sandbox: Sandbox) -> None:
    """The workspace belongs to the user inside."""
    sandbox.container()
    sandbox.machine["uid"] = sandbox.project.stat().st_uid


def strange(sandbox: Sandbox) -> None:
    """The workspace belongs to somebody else."""
    sandbox.container()
    sandbox.machine["uid"] = sandbox.project.stat().st_uid + 1
    sandbox.machine["locked"] = ("project",)


def repository(config: str = "") -> Arrange:
    """An arrangement with a git repository."""
    return both(write(".git/config", config), write(".git/HEAD"))


def worktree(sandbox: Sandbox) -> None:
    """The project is a linked worktree."""
    (sandbox.project.parent / "main.git").mkdir()
    sandbox.write(".git", "gitdir: ../main.git\n")


def hook(text: str, mode: int = 0o755) -> Arrange:
    """An arrangement with a repository and a hook."""
    wanted = both(repository(), write(".pre-commit-config.yaml"))
    return both(wanted, write(".git/hooks/pre-commit", text, mode))


def mount(type_name: str) -> Arrange:
    """An arrangement with the project on a file system of its own."""
    return lambda sandbox: sandbox.system(
        "/proc/self/mountinfo", MOUNT.format(project=sandbox.project, type=type_name)
    )


def dated(path: str, days: float) -> Arrange:
    """An arrangement with a file that is so many days old."""

    def arrange(sandbox: Sandbox) -> None:
        now = 1_800_000_000
        for file in (sandbox.project / "pyproject.toml", sandbox.write(path)):
            os.utime(file, (now - days * 86400,) * 2)
        sandbox.machine["now"] = float(now)

    return arrange


def limits(files: int, instances: int) -> Arrange:
    """An arrangement with limits of inotify."""
    folder = "/proc/sys/fs/inotify"
    return both(
        scope("host"),
        system(f"{folder}/max_user_watches", f"{files}\n"),
        system(f"{folder}/max_user_instances", f"{instances}\n"),
    )


def hangar(path: str = "tools/hangar_devkit-0.2.0-py3-none-any.whl") -> Arrange:
    """An arrangement with a project of template 0.2.0, and the path of its tooling."""
    return declare(
        f'[tool.hangar]\ntemplate = "0.2.0"\n[tool.uv.sources.hangar-devkit]\npath = "{path}"'
    )


def wheel(version: str) -> Arrange:
    """An arrangement with a wheel of the tooling."""
    return write(f"tools/hangar_devkit-{version}-py3-none-any.whl")


def nothing(sandbox: Sandbox) -> None:
    """An arrangement that changes nothing."""


windows_capture = both(platform("windows"), declare(CAPTURE))
npcap_folder = both(windows_capture, system("C:/Windows/System32/Npcap/wpcap.dll"))
macos_capture = both(platform("macos"), declare(CAPTURE), system("/dev/bpf0"))
enforced = system("/sys/fs/selinux/enforce", "1")
compose = write("compose.yaml", "services: {}\n")
dev_container = write(".devcontainer/devcontainer.json", "{}")
memory = both(scope("host"), declare('[tool.preflight.resources]\nmemory = "8 GB"'))

pair("PF101", nothing, machine(python=(3, 10, 2)))
pair("PF102", nothing, machine(bits=32))
pair("PF103", environment, nothing)
pair("PF104", environment, both(environment, write(".venv/bin/activate", "VIRTUAL_ENV=/else\n")))
pair("PF105", environment, lambda sandbox: sandbox.environment("version = 3.10.4\n"))
pair(
    "PF107",
    both(environment, write("Dockerfile", "FROM uv\nARG PYTHON_VERSION=3.13\n")),
    both(environment, write("Dockerfile", "ARG PYTHON_VERSION=3.12\n")),
)
pair(
    "PF106",
    lambda sandbox: sandbox.environ.update(VIRTUAL_ENV=str(sandbox.environment())),
    both(environment, environ(VIRTUAL_ENV="/another")),
)
pair("PF201", write("uv.lock", LOCK), declare("[tool.uv]"))
pair("PF202", write("uv.lock", LOCK), write("uv.lock", LOCK.replace(">=2.10", ">=2.9")))
pair("PF203", installed("2.11.0"), installed("2.12.0"))
pair(
    "PF204",
    both(declare("[tool.uv]"), lambda sandbox: sandbox.program("uv")),
    declare("[tool.uv]"),
)
pair(
    "PF205",
    both(write(".env.example", "TOKEN=\n"), write(".env", "TOKEN=a\n")),
    write(".env.example", "TOKEN=\n"),
)
pair(
    "PF206",
    both(declare('[tool.preflight.environment]\nPORT = "int"'), write(".env", "PORT=80\n")),
    both(declare('[tool.preflight.environment]\nPORT = "int"'), write(".env", "PORT=http\n")),
)
pair("PF207", write(".env", "TOKEN=s3cret\n"), write(".env", "TOKEN=<your token>\n"))
pair(
    "PF208",
    declare(GROUPS.format(test='"pytest-mock"', dev='"ipython"')),
    declare(GROUPS.format(test="", dev='"pytest-mock"')),
)
pair(
    "PF301",
    both(declare(CAPTURE), machine(libraries=frozenset({"libpcap.so.0.8"}))),
    declare(CAPTURE),
)
pair(
    "PF302",
    both(
        declare("[tool.preflight.executables]\ngit = true"), lambda sandbox: sandbox.program("git")
    ),
    declare("[tool.preflight.executables]\ngit = true"),
)
pair(
    "PF310",
    declare(f'{CAPTURE}\n[dependency-groups]\ntest = ["scapy"]'),
    declare('[dependency-groups]\ntest = ["Scapy>=2.5"]'),
)
pair("PF311", both(npcap_folder, machine(settings=DRIVER)), windows_capture)
pair(
    "PF312",
    both(npcap_folder, machine(settings=DRIVER)),
    both(npcap_folder, machine(settings={**DRIVER, "npcap\\Parameters\\AdminOnly": 1})),
)
pair("PF313", npcap_folder, both(windows_capture, system("C:/Windows/System32/wpcap.dll")))
pair("PF314", macos_capture, both(macos_capture, machine(locked=("bpf0",))))
pair(
    "PF315",
    declare(RAW),
    both(
        declare(RAW),
        machine(raw_problem="Operation not permitted"),
        system("/proc/self/status", PROC.format(bounding="0" * 16, nnp=0)),
    ),
)
pair(
    "PF316",
    both(declare("[tool.preflight.capabilities]\ngpu = true"), system("/dev/nvidia0")),
    declare("[tool.preflight.capabilities]\ngpu = true"),
)
pair("PF401", docker(), both(scope("host"), write("Dockerfile")))
pair("PF402", docker(), docker(Version="20.10.24"))
pair("PF403", both(docker(), dev_container), both(rootless, dev_container))
pair("PF404", both(docker(), compose, plugin("compose")), both(docker(), compose))
pair("PF405", both(docker(), plugin("buildx")), docker())
pair("PF406", docker(), docker(Arch="arm64"))
pair("PF407", owned, strange)
pair(
    "PF408",
    lambda sandbox: sandbox.container(),
    both(lambda sandbox: sandbox.container(), machine(locked=("home",))),
)
pair("PF409", environment, both(environment, machine(locked=(".venv",))))
pair(
    "PF410",
    both(docker(), enforced, write(".devcontainer/devcontainer.json", '["label=disable"]')),
    both(docker(), enforced, dev_container),
)
pair("PF501", memory, both(memory, system("/sys/fs/cgroup/memory.max", f"{4 << 30}\n")))
pair(
    "PF502",
    declare("[tool.preflight.resources]\ncpus = 4"),
    both(
        declare("[tool.preflight.resources]\ncpus = 4"),
        system("/sys/fs/cgroup/cpu.max", "150000 100000\n"),
    ),
)
pair(
    "PF503",
    declare('[tool.preflight.resources]\ndisk = "10 GB"'),
    both(declare('[tool.preflight.resources]\ndisk = "10 GB"'), machine(free=1 << 30)),
)
pair(
    "PF504",
    declare("[tool.preflight.ports]\nweb = 8000"),
    both(declare("[tool.preflight.ports]\nweb = 8000"), machine(taken=frozenset({8000}))),
)
pair("PF505", limits(100_000, 200), limits(8192, 200))
pair("PF506", nothing, machine(file_limit=256))
pair(
    "PF601",
    repository("[user]\n\tname = A\n\temail = a@example.com\n"),
    both(repository(), machine(printed={"git": "core.bare\nfalse\0"})),
)
pair("PF602", hook("#!/bin/sh\n"), both(repository(), write(".pre-commit-config.yaml")))
pair("PF603", hook("#!/bin/sh\n"), hook("#!/bin/sh\nINSTALL_PYTHON=/container/python\n"))
pair("PF604", write("scripts/go.sh", "echo\n"), write("scripts/go.sh", "echo\r\n"))
pair("PF605", nothing, machine(ignores_case=True))
pair(
    "PF606",
    mount("ext4"),
    both(mount("9p"), system("/proc/version", "Linux 6.6 Microsoft WSL2")),
)
pair(
    "PF607",
    both(scope("host"), dated(".cruft.json", 10)),
    both(scope("host"), dated(".cruft.json", 400)),
)
pair("PF608", nothing, write("tools/ruff.toml.rej"))
pair("PF609", both(hangar(), wheel("0.2.0")), both(hangar(), wheel("0.1.9")))
pair("PF610", worktree, write(".git", "gitdir: /elsewhere/.git/worktrees/a\n"))
executed = both(scope("host"), lambda sandbox: sandbox.machine.update(uid=os.getuid()))
pair(
    "PF611",
    both(executed, write("tools/hooks/pre-commit")),
    both(executed, write("tools/hooks/pre-commit", mode=0o666)),
)
pair(
    "PF701",
    environ(http_proxy="http://proxy:3128"),
    environ(http_proxy="http://proxy:3128", HTTP_PROXY="http://other:3128"),
)
pair(
    "PF702",
    environ(https_proxy="http://proxy:3128", no_proxy="localhost"),
    environ(https_proxy="http://proxy:3128"),
)
pair("PF703", nothing, environ(SSL_CERT_FILE="/nowhere.pem"))
pair("PF704", environ(LANG="en_US.UTF-8"), environ(LANG="en_US.ISO-8859-1"))
pair("PF705", dated("uv.lock", 1), dated("uv.lock", -1))
