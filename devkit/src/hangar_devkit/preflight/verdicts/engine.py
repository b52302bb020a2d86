"""PF4xx: the container engine on the host, and the user inside a container."""

from __future__ import annotations

from hangar_devkit.preflight.facts import engine as probes
from hangar_devkit.preflight.facts import native
from hangar_devkit.preflight.verdicts import INSIDE, bad, check, ok
from hangar_devkit.preflight.versions import is_older

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hangar_devkit.preflight.declaration import Declaration
    from hangar_devkit.preflight.facts import Facts
    from hangar_devkit.preflight.verdicts import Verdict

MINIMUM = {"Docker": "23", "Podman": "4"}  # the first with BuildKit (Buildah) mounts by default
MINIMUM_COMPOSE = "2.22"  # `develop.watch`
MINIMUM_BUILDX = "0.15"  # `build --check`
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
    "Container engine responds",
    why="The engine builds and runs the image, the dev container and the compose services.",
    fix={
        "linux": "sudo systemctl start docker",
        "macos": "open -a Docker",
        "windows": "start Docker Desktop",
    },
    scopes=("host",),
)
def engine_answers(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Where the project has container files, Docker or Podman responds on its socket."""
    if not _required(facts):
        return
    found = facts.of(probes.engine)
    if not found:
        yield bad("no Docker or Podman found", "https://docs.docker.com/engine/install/")
    elif found.refused:
        fix = ""
        if "denied" in found.refused.lower():
            fix = "sudo usermod -aG docker $USER, then log in again"
        yield bad(f"no response on {found.address}: {found.refused}", fix)
    else:
        yield ok(f"{found.name} {found.version}")


@check(
    "PF402",
    "Container engine is recent enough",
    why="The Dockerfile uses cache mounts, which older engines do not support by default.",
    fix=UPDATE,
    level="warn",
    scopes=("host",),
)
def engine_is_recent(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Docker is 23 or later, where BuildKit is the default; Podman is 4 or later."""
    found = _responding(facts)
    if not found:
        return
    minimum = MINIMUM[found.name]
    if is_older(found.version, minimum):
        yield bad(f"{found.name} is {found.version}; {minimum} builds with BuildKit by default")
    else:
        yield ok(f"{found.name} {found.version}")


@check(
    "PF403",
    "Container engine preserves the user ID",
    why="Rootless Docker maps this user to root inside, and other users to unknown IDs.",
    fix="run the dev container as root (`remoteUser`), or use Podman, which keeps the user ID",
    level="warn",
    scopes=("host",),
)
def engine_maps_users(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """With a dev container: the engine is not Docker in rootless mode."""
    found = _responding(facts)
    if not found or not facts.of(probes.containers).devcontainer:
        return
    if found.rootless and found.name == "Docker":
        yield bad("Docker runs in rootless mode")
    else:
        yield ok(f"{found.name}, {'rootless' if found.rootless else 'with a system daemon'}")


@check(
    "PF404",
    "Docker Compose is installed",
    why="Compose starts the services of the project.",
    fix=COMPOSE,
    level="warn",
    scopes=("host",),
)
def compose_is_installed(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """With a compose file: the Compose plugin is installed; with `--deep`, 2.22 or later."""
    found = _responding(facts)
    if found and facts.of(probes.containers).compose:
        yield from _plugin("compose", "Compose", MINIMUM_COMPOSE, facts)


@check(
    "PF405",
    "Docker Buildx is installed",
    why="Without Buildx the docker client uses the old builder, which does not support mounts.",
    fix=BUILDX,
    level="warn",
    scopes=("host",),
)
def buildx_is_installed(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """With Docker: the Buildx plugin is installed; with `--deep`, 0.15 or later."""
    found = _responding(facts)
    if found and found.name == "Docker":
        yield from _plugin("buildx", "Buildx", MINIMUM_BUILDX, facts)


@check(
    "PF406",
    "Images run without emulation",
    why="An emulated CPU is five to twenty times slower, and some packages crash on it.",
    fix={
        "linux": "unset DOCKER_DEFAULT_PLATFORM",
        "macos": "unset DOCKER_DEFAULT_PLATFORM",
        "windows": "set DOCKER_DEFAULT_PLATFORM=",
    },
    level="warn",
    scopes=("host",),
)
def no_emulation(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Images are built for the architecture of this machine."""
    found = _responding(facts)
    if not found or not found.arch:
        return
    here = facts.of(probes.architecture)
    requested = facts.of(probes.requested_platform)
    if found.arch != here:
        yield bad(f"the engine is {found.arch}, this machine {here}", "use an engine for " + here)
    elif requested not in ("", here):
        yield bad(f"DOCKER_DEFAULT_PLATFORM is {requested}, this machine is {here}")
    else:
        yield ok(here)


@check(
    "PF407",
    "Workspace belongs to the container user",
    why="In another user's workspace, files cannot be saved, or belong to root on the host.",
    fix='on the host: sudo chown -R "$(id -u):$(id -g)" . and rebuild the container',
    scopes=("container", "test"),
)
def workspace_is_owned(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """In a container: the user owns the project directory and can write there."""
    if not facts.of(native.container):
        return
    found = facts.of(probes.ownership)
    users = f"user {found.uid}, workspace of {found.owner}"
    if not found.project:
        yield bad(f"the workspace is not writable: {users}")
    elif found.uid != found.owner:
        yield bad(f"new files will belong to another user than the rest: {users}", optional=True)
    else:
        yield ok(f"user {found.uid}")


@check(
    "PF408",
    "Home directory is writable",
    why="The home directory holds caches, shell history and git settings.",
    fix="rebuild the container, or chown the home directory to its user",
    scopes=INSIDE,
)
def home_is_writable(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """In a container: `HOME` is set, and this user can write there."""
    if not facts.of(native.container):
        return
    if facts.of(probes.ownership).home:
        yield ok("writable")
    else:
        yield bad("HOME is not set, or not writable")


@check(
    "PF409",
    "Virtual environment is writable",
    why="`uv sync` fails on a volume that belongs to another user.",
    fix="remove the volume and rebuild the container: docker volume ls",
    scopes=("container", "test"),
)
def environment_is_writable(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The directory of the environment, or the one to create it in, is writable."""
    if facts.of(probes.ownership).environment:
        yield ok("writable")
    else:
        yield bad("the virtual environment is not writable")


@check(
    "PF410",
    "SELinux lets the dev container read the project",
    why="SELinux denies containers every mounted file that has no label for them.",
    fix='add "runArgs": ["--security-opt=label=disable"] to devcontainer.json',
    level="warn",
    scopes=("host",),
)
def selinux_lets_in(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Where SELinux is enforced: the dev container runs without labels.

    The Dev Containers CLI turns them off under Podman. compose.yaml labels its mounts with `z`.
    """
    if not facts.of(probes.containers).devcontainer or not facts.of(probes.selinux_is_enforced):
        return
    found = _responding(facts)
    if facts.of(probes.labels_are_off):
        yield ok("devcontainer.json turns labels off")
    elif found and found.name == "Podman":
        yield ok("labels are off under Podman")
    else:
        yield bad("SELinux is enforced; the dev container may not be let in, which was not tried")


def _required(facts: Facts) -> bool:
    return any(facts.of(probes.containers))


def _responding(facts: Facts) -> probes.Engine | None:
    """Return the engine where the project requires one and it responds; see PF401 for the rest."""
    found = facts.of(probes.engine) if _required(facts) else None
    return found if found and not found.refused else None


def _plugin(name: str, title: str, minimum: str, facts: Facts) -> Iterator[Verdict]:
    path = facts.of(probes.plugin, name)
    if not path:
        yield bad(f"the docker client has no {title} plugin")
    elif facts.deep:
        here = facts.of(probes.plugin_version, path)
        if is_older(here, minimum):
            yield bad(f"{title} is {here}, {minimum} is required")
        else:
            yield ok(f"{title} {here}")
    else:
        yield ok(path)
