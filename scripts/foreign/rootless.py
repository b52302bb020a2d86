"""Rootless Podman: images, rebuilds and the dev container, from an empty store.

The user exists in a mount namespace only, so the machine is not changed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support.container import (
    DEVCONTAINERS,
    LAST_LINE,
    PODMAN_SETTINGS,
    succeed,
    workspace,
)
from tests.support.render import by_api
from tests.support.template import snapshot

PAGE = Path("docs/reference/foreign/rootless.md")
UID = 4321
IMAGES = ("python:3.13-slim-trixie", "ghcr.io/astral-sh/uv:0.13.9")
HEAD = """\
# Rootless Podman

`nox -s foreign -- rootless` writes this page. A user without rights builds the images of a default
project with {version} from an empty store, so that no step is reused from an earlier build, and
opens the dev container by the Dev Containers CLI. The base images come from Docker of root.

| What | Result |
| --- | --- |
"""


class User:
    """A user with subordinate numbers, and with a home that has a store of their own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        entries = {
            "passwd": f"rootless:x:{UID}:{UID}::{home}:/bin/sh\n",
            "group": f"rootless:x:{UID}:\n",
            "subuid": "rootless:2000000:65536\n",
            "subgid": "rootless:2000000:65536\n",
        }
        self.binds = ""
        for name, line in entries.items():
            system = Path("/etc", name)
            copy = home.parent / name
            copy.write_text(system.read_text(encoding="utf-8") + line, encoding="utf-8")
            self.binds += f"mount --bind {copy} {system} && "
        settings = home / ".config" / "containers"
        settings.mkdir(parents=True)
        init = shutil.which("catatonit") or shutil.which("docker-init") or ""
        runtime = "crun" if shutil.which("crun") else "runc"
        text = PODMAN_SETTINGS.format(init=init, runtime=runtime)
        (settings / "containers.conf").write_text(text, encoding="utf-8")
        (settings / "storage.conf").write_text('[storage]\ndriver = "overlay"\n', encoding="utf-8")
        for name in ("run", "tmp"):
            (home / name).mkdir()
        self.own(home)

    def own(self, path: Path) -> None:
        """Change the owner of a directory and its content to the user."""
        succeed("chown", "-R", f"{UID}:{UID}", path)

    def runs(self, directory: Path, *words: object) -> str:
        """Run a command that must succeed, and return the last line of its output."""
        known = ("unshare", "--mount", "sh", "-c", f'{self.binds}exec "$@"', "sh")
        user = ("setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups")
        variables = {
            "HOME": self.home,
            "XDG_RUNTIME_DIR": self.home / "run",
            "TMPDIR": self.home / "tmp",
            "PATH": f"{os.environ['PATH']}:/usr/sbin",
        }
        pairs = [f"{name}={value}" for name, value in variables.items()]
        output = succeed(*known, *user, "env", *pairs, *words, cwd=directory)
        return output.strip().splitlines()[-1] if output.strip() else ""


def main(arguments: Sequence[str]) -> int:
    """Write the page; return 0 if all went well, 2 where it cannot be tried."""
    del arguments
    missing = [name for name in ("podman", "newuidmap", "docker", "npm") if not shutil.which(name)]
    if missing or os.geteuid() != 0:
        print(f"error: needs root, and {', '.join(missing) or 'nothing else'}", file=sys.stderr)
        return 2
    with workspace() as directory:
        (directory / "home").mkdir()
        user = User(directory / "home")
        try:
            rows = dict(results(directory, user))
        finally:
            # Files in the store belong to the user's other numbers.
            user.runs(directory, "podman", "system", "reset", "--force")
    version = succeed("podman", "--version").strip().replace("podman version", "Podman")
    table = "".join(f"| {what} | {result} |\n" for what, result in rows.items())
    print(table, end="")
    PAGE.write_text(HEAD.format(version=version) + table, encoding="utf-8")
    return 0


def results(directory: Path, user: User) -> Iterator[tuple[str, str]]:
    """Yield what was tried, and what it showed."""
    saved = directory / "images.tar"
    succeed("docker", "save", "--output", saved, *IMAGES)
    saved.chmod(0o644)
    user.runs(directory, "podman", "load", "--quiet", "--input", saved)
    project = generate(directory)
    (directory / "cli").mkdir()
    user.own(project)
    command_line = project / "src/my_project/cli.py"
    shown = []
    for number in (1, 2, 3):
        with command_line.open("a", encoding="utf-8") as file:
            file.write(f"# build {number}\n")
        user.runs(project, "podman", "build", "--quiet", "--target=runtime", "--tag=app", ".")
        run = ("podman", "run", "--rm", "--network=none", "--read-only", "--cap-drop=ALL")
        shown.append(user.runs(project, *run, "--entrypoint=python", "app", "-c", LAST_LINE))
    yield "last line of the source in three images", ", ".join(f"`{line}`" for line in shown)
    data = (f"--volume={project}/data:/data:ro,z", "--tmpfs=/tmp")
    words = ("app", "validate", "--rejects=/tmp/r", "/data/readings.csv")
    yield "the program", user.runs(project, *run, *data, *words)
    succeed("npm", "install", "--silent", f"--prefix={directory}/cli", DEVCONTAINERS)
    editor = directory / "cli/node_modules/.bin/devcontainer"
    here = ("--docker-path=podman", "--workspace-folder=.")
    opened = user.runs(project, editor, "up", *here)
    yield "`devcontainer up`", "success" if '"outcome":"success"' in opened else opened
    inside = (editor, "exec", *here)
    user.runs(project, *inside, "touch", "made")
    owner = (project / "made").stat().st_uid
    yield "owner of a file made inside", "the user" if owner == UID else str(owner)
    tests = user.runs(project, *inside, "nox", "-s", "tests")
    yield "`nox -s tests` inside", "success" if "Session tests was successful" in tests else tests


def generate(directory: Path) -> Path:
    """Generate a default project as a repository with a lock."""
    with tempfile.TemporaryDirectory() as template:
        project = by_api(snapshot(Path(template)), directory, {})
    subprocess.run(["uv", "lock", "--quiet"], cwd=project, check=True)
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], cwd=project, check=True)
    return project
