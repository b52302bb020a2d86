"""The command `hangar container`: run a command in the development image of this checkout.

It runs on Python 3.9, from the wheel itself, before a project has an environment.
"""

from __future__ import annotations

import os
import posixpath
import shutil
import subprocess
import sys
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

SERVICE = "dev"
WORKSPACE = "/workspace"  # where compose.yaml mounts the project
REPOSITORY = "/repository"  # a mount at the workspace would not replace that of compose.yaml
# Compose, and the command that shows whether its engine answers. `podman compose` (4.7 and later)
# runs whichever of the other two is installed; podman-compose needs no socket.
ENGINES = (
    (("docker", "compose"), ("docker", "info")),
    (("podman", "compose"), ("podman", "compose", "ls")),
    (("podman-compose",), ("podman", "version")),
)
HELP = """\
usage: hangar container COMMAND [ARGUMENT]...

Run a command in the service `dev` of compose.yaml, by Docker Compose or podman-compose. git sees
the whole repository, also from a linked worktree, a submodule or a subdirectory."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command in the development image.

    Returns:
        The exit code of the command; 2 if no engine can run it.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in ("-h", "--help"):
        print(HELP)
        return 0 if words else 2
    compose = find_compose()
    if not compose:
        print(
            "hangar container: no container engine answers. Start Docker with its Compose plugin, "
            "or install podman-compose beside Podman: uv tool install podman-compose",
            file=sys.stderr,
        )
        return 2
    by_podman = compose[0] == "podman-compose"
    compose += ["--profile", SERVICE]  # podman-compose does not imply it
    options = ["--rm", *repository_options(str(Path.cwd()))]
    if not by_podman:
        options.insert(0, "--build")
    elif subprocess.run([*compose, "build", SERVICE], check=False).returncode:
        return 2  # its `run --build` starts every service
    elif not sys.stdin.isatty():
        options.insert(0, "-T")
    return subprocess.run([*compose, "run", *options, SERVICE, *words], check=False).returncode


def find_compose() -> list[str]:
    """Return the command of the first Compose whose engine answers; an empty list without one.

    `HANGAR_ENGINE`, as docker or podman, chooses one where both are installed.
    """
    chosen = os.environ.get("HANGAR_ENGINE", "")
    for command, probe in ENGINES:
        programs = (command[0], probe[0])
        if command[0].startswith(chosen) and all(map(shutil.which, programs)):
            done = subprocess.run(probe, capture_output=True, check=False)
            if done.returncode == 0:
                return list(command)
    return []


def repository_options(project: str) -> list[str]:
    """Return options of `compose run` that let git see what is not in the project's directory.

    Args:
        project: The project's directory.

    Returns:
        Nothing for a project that is a repository of its own. Otherwise mounts: the larger
        repository, with the project as the working directory; and the main
        repository of a linked worktree where the worktree's `.git` names it.
    """
    top = _git(project, "rev-parse", "--show-toplevel")
    if not top:
        return []
    while True:
        above = _git(top, "rev-parse", "--show-superproject-working-tree")
        if not above:
            break
        top = above
    top = os.path.realpath(top)
    options, place = [], WORKSPACE
    inside = os.path.relpath(os.path.realpath(project), top).replace(os.sep, "/")
    if inside != ".":
        place = REPOSITORY
        options += [f"--volume={top}:{place}:z", f"--workdir={place}/{inside}"]
        options.append(f"--env=GIT_CONFIG_VALUE_0={place}")  # of safe.directory
    own = os.path.realpath(_git(top, "rev-parse", "--absolute-git-dir"))
    common = os.path.realpath(Path(top, _git(top, "rev-parse", "--git-common-dir")))
    if own != common:
        named = Path(top, ".git").read_text(encoding="utf-8").partition("gitdir:")[2].strip()
        levels = os.path.relpath(common, own).replace(os.sep, "/")
        target = posixpath.normpath(posixpath.join(place, named, levels))
        options.append(f"--volume={common}:{target}:z")
    return options


def _git(directory: str, *words: str) -> str:
    """Return what git prints, or an empty string where it fails or is not installed."""
    try:
        done = subprocess.run(
            ["git", *words], cwd=directory, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
