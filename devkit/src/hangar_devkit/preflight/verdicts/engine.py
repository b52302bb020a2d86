"""PF4xx: the container engine on the host, and the user inside a container."""

from __future__ import annotations

from hangar_devkit.preflight.declaration import version
from hangar_devkit.preflight.facts import engine as probes
from hangar_devkit.preflight.facts import native
from hangar_devkit.preflight.verdicts import INSIDE, bad, check, ok

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hangar_devkit.preflight.declaration import Declaration
    from hangar_devkit.preflight.facts import Facts
    from hangar_devkit.preflight.verdicts import Verdict

LEAST = {"Docker": "23", "Podman": "4"}  # from there on, BuildKit (Buildah) mounts are the default
LEAST_COMPOSE = "2.22"  # `develop.watch`
LEAST_BUILDX = "0.15"  # `build --check`
BUILDX = {
    "linux": "sudo apt-get install -y docker-buildx",
    "macos": "brew install docker-buildx",
    "windows": "update Docker Desktop",
}
COMPOSE = {
    "linux": "sudo apt-get install -y docker-compose-v2, or docker-compose-plugin",
    "macos": "brew install docker-compose",
    "windows": "update Docker Desktop",
}
UPDATE = {
    "linux": "https://docs.docker.com/engine/install/",
    "macos": "update Docker Desktop",
    "windows": "update Docker Desktop",
}


@check(
    "PF401",
    "A container engine answers",
    why="The image, the dev container and the compose services are built and run by it.",
    mend={
        "linux": "sudo systemctl start docker",
        "macos": "open -a Docker",
        "windows": "start Docker Desktop",
    },
    scopes=("host",),
)
def engine_answers(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Where the project has container files, Docker or Podman answers on its socket."""
    if not _wanted(facts):
        return
    found = facts.of(probes.engine)
    if not found:
        yield bad("no Docker or Podman here", "https://docs.docker.com/engine/install/")
    elif found.refused:
        mend = ""
        if "denied" in found.refused.lower():
            mend = "sudo usermod -aG docker $USER, then log in again"
        yield bad(f"no answer on {found.address}: {found.refused}", mend)
    else:
        yield ok(f"{found.kind} {found.version}")


@check(
    "PF402",
    "The container engine is recent enough",
    why="The Dockerfile uses cache and bind mounts, which older engines do not know by default.",
    mend=UPDATE,
    level="warn",
    scopes=("host",),
)
def engine_is_recent(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Docker is 23 or later, where BuildKit is the default; Podman is 4 or later."""
    found = _answering(facts)
    if not found:
        return
    least = LEAST[found.kind]
    if version(found.version) < version(least):
        yield bad(f"{found.kind} is {found.version}; {least} builds with BuildKit by default")
    else:
        yield ok(f"{found.kind} {found.version}")


@check(
    "PF403",
    "The engine maps this user into the container",
    why="Rootless Docker makes you root inside; files of another user are a stranger's outside.",
    mend="run the dev container as root (`remoteUser`), or use Podman, which keeps the user's ID",
    level="warn",
    scopes=("host",),
)
def engine_maps_users(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """With a dev container: the engine is not Docker in rootless mode."""
    found = _answering(facts)
    if not found or not facts.of(probes.containers).devcontainer:
        return
    if found.rootless and found.kind == "Docker":
        yield bad("Docker runs rootless here")
    else:
        yield ok(f"{found.kind}, {'rootless' if found.rootless else 'with a system daemon'}")


@check(
    "PF404",
    "Compose is there",
    why="The project's services are started by it.",
    mend=COMPOSE,
    level="warn",
    scopes=("host",),
)
def compose_is_there(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """With a compose file: the Compose plug-in is installed; with `--deep`, 2.22 or later."""
    found = _answering(facts)
    if found and facts.of(probes.containers).compose:
        yield from _plugin("compose", "Compose", LEAST_COMPOSE, facts)


@check(
    "PF405",
    "Buildx is there",
    why="Without it the docker client builds with the old builder, which knows no mounts.",
    mend=BUILDX,
    level="warn",
    scopes=("host",),
)
def buildx_is_there(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """With Docker: the Buildx plug-in is installed; with `--deep`, 0.15 or later."""
    found = _answering(facts)
    if found and found.kind == "Docker":
        yield from _plugin("buildx", "Buildx", LEAST_BUILDX, facts)


@check(
    "PF406",
    "Images run without emulation",
    why="An emulated processor is five to twenty times slower, and some packages crash on it.",
    mend={
        "linux": "unset DOCKER_DEFAULT_PLATFORM",
        "macos": "unset DOCKER_DEFAULT_PLATFORM",
        "windows": "set DOCKER_DEFAULT_PLATFORM=",
    },
    level="warn",
    scopes=("host",),
)
def no_emulation(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Images are built for the architecture of this machine."""
    found = _answering(facts)
    if not found or not found.arch:
        return
    here = facts.of(probes.architecture)
    wanted = facts.of(probes.wanted_platform)
    if found.arch != here:
        yield bad(f"the engine is {found.arch}, this machine {here}", "use an engine for " + here)
    elif wanted not in ("", here):
        yield bad(f"DOCKER_DEFAULT_PLATFORM asks for {wanted}, this machine is {here}")
    else:
        yield ok(here)


@check(
    "PF407",
    "The workspace belongs to the user inside",
    why="Otherwise nothing can be saved, or what is made here belongs to root on the host.",
    mend='on the host: sudo chown -R "$(id -u):$(id -g)" . and rebuild the container',
    scopes=("container", "test"),
)
def workspace_is_owned(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """In a container: the user's ID is that of the project folder's owner, and can write there."""
    if not facts.of(native.container):
        return
    found = facts.of(probes.ownership)
    pair = f"user {found.uid}, workspace of {found.owner}"
    if not found.project:
        yield bad(f"the workspace cannot be written: {pair}")
    elif found.uid != found.owner:
        yield bad(f"new files will belong to another user than the rest: {pair}", optional=True)
    else:
        yield ok(f"user {found.uid}")


@check(
    "PF408",
    "The home folder can be written",
    why="Caches, shell history and git's settings live there.",
    mend="rebuild the container, or: chown the home folder to its user",
    scopes=INSIDE,
)
def home_is_writable(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """In a container: `HOME` is set, and this user can write there."""
    if not facts.of(native.container):
        return
    if facts.of(probes.ownership).home:
        yield ok("it can be written")
    else:
        yield bad("HOME is not set, or cannot be written")


@check(
    "PF409",
    "The virtual environment can be written",
    why="A volume of another user stops `uv sync` with a refused permission.",
    mend="remove the volume and rebuild the container: docker volume ls",
    scopes=("container", "test"),
)
def environment_is_writable(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The environment's folder, or the one it will be made in, can be written."""
    if facts.of(probes.ownership).environment:
        yield ok("it can be written")
    else:
        yield bad("uv cannot write the virtual environment")


def _wanted(facts: Facts) -> bool:
    return any(facts.of(probes.containers))


def _answering(facts: Facts) -> probes.Engine | None:
    """The engine, where the project needs one and it answers; PF401 tells of the others."""
    found = facts.of(probes.engine) if _wanted(facts) else None
    return found if found and not found.refused else None


def _plugin(name: str, title: str, least: str, facts: Facts) -> Iterator[Verdict]:
    path = facts.of(probes.plugin, name)
    if not path:
        yield bad(f"the docker client has no {title}")
    elif facts.deep:
        here = facts.of(probes.plugin_version, path)
        if version(here) < version(least):
            yield bad(f"{title} is {here}, {least} is needed")
        else:
            yield ok(f"{title} {here}")
    else:
        yield ok(path)
