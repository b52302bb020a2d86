"""Run the containers of a generated project: builds, compose and the dev container CLI."""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import docker

from tests.support.render import BIN, by_api

UV = BIN / "uv" if (BIN / "uv").exists() else Path(shutil.which("uv") or "uv")
DEVCONTAINERS = "@devcontainers/cli@0.89.0"
# A host user who is neither root nor user 1000 of the image.
OTHER = 1234
# For a machine on which Podman cannot do what it does by default: no systemd, no device for another
# network, no right to raise limits.
PODMAN_SETTINGS = """\
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
netns = "host"
init_path = "{init}"
[engine]
cgroup_manager = "cgroupfs"
runtime = "{runtime}"
events_logger = "file"
"""
# Python that prints the last line of a source file of the project, as it is in an image.
LAST_LINE = "import my_project.cli as cli; print(open(cli.__file__).readlines()[-1].strip())"


def command(
    *words: object, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command as on a developer's machine, not in CI, where a session only checks.

    `stdout` of the result includes stderr.
    """
    machine = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**machine, "DOCKER_BUILDKIT": "1", **(env or {})},
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def succeed(*words: object, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run a command that must succeed, and return its output.

    Raises:
        AssertionError: The command failed; the message contains its output.
    """
    done = command(*words, cwd=cwd, env=env)
    if done.returncode:
        raise AssertionError(f"{' '.join(map(str, words))}\n{done.stdout[-6000:]}")
    return done.stdout


def build(project: Path, target: str, tag: str, *options: object) -> str:
    """Build a target and return the log, which marks reused steps with CACHED."""
    words = ("docker", "build", "--progress=plain", f"--target={target}", f"--tag={tag}")
    return succeed(*words, *options, ".", cwd=project)


def files_of_layers(
    engine: docker.DockerClient, tag: str
) -> Iterator[dict[str, tuple[object, ...]]]:
    """Yield the files of each layer of an image: all that is known of them but their time."""
    with tempfile.TemporaryFile() as file:
        file.writelines(engine.images.get(tag).save())
        file.seek(0)
        with tarfile.open(fileobj=file) as image:
            manifest = json.load(_extracted(image, "manifest.json"))
            for name in manifest[0]["Layers"]:
                with tarfile.open(fileobj=_extracted(image, name)) as layer:
                    yield {member.name: _without_time(layer, member) for member in layer}


def _without_time(layer: tarfile.TarFile, member: tarfile.TarInfo) -> tuple[object, ...]:
    content = _extracted(layer, member).read() if member.isreg() else b""
    owner = (member.uid, member.gid, member.mode)
    return member.type, *owner, member.linkname, hashlib.sha256(content).hexdigest()


def _extracted(archive: tarfile.TarFile, member: tarfile.TarInfo | str) -> IO[bytes]:
    file = archive.extractfile(member)
    assert file is not None, f"{member} is not a file"
    return file


def reused(log: str, step: str) -> bool:
    """Return whether a build used the cached result of a step.

    Raises:
        LookupError: The build has no such step.
    """
    lines = log.splitlines()
    numbers = {line.split()[0] for line in lines if step in line and line.startswith("#")}
    if not numbers:
        raise LookupError(step)
    return all(f"{number} CACHED" in lines for number in numbers)


def generate(template: Path, folder: Path, **answers: object) -> Path:
    """Generate a project and lock it, as its setup session does."""
    project = by_api(template, folder, answers)
    succeed(UV, "lock", "--quiet", cwd=project)
    return project


@contextmanager
def workspace() -> Iterator[Path]:
    """Create a directory that every user of the machine can access, unlike those of pytest."""
    folder = Path(tempfile.mkdtemp(prefix="hangar-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


class HostUser:
    """A host user with access to the engine: user 1234, or the user who runs the tests."""

    def __init__(self, home: Path) -> None:
        self.is_root = os.geteuid() == 0
        self.uid = OTHER if self.is_root else os.geteuid()
        self.home = home
        self.accounts = home.parent / "passwd"
        self.accounts.write_text(
            Path("/etc/passwd").read_text(encoding="utf-8")
            + f"other:x:{self.uid}:{self.uid}::{home}:/bin/sh\n",
            encoding="utf-8",
        )
        self.own(home)

    def own(self, path: Path) -> None:
        """Change the owner of a directory and its content to the user."""
        if self.is_root:
            succeed("chown", "-R", f"{self.uid}:{self.uid}", path)

    def words(self, *words: object) -> tuple[object, ...]:
        """Return a command line that runs another command as the user."""
        if not self.is_root:
            return words
        # The account exists in a mount namespace only, so the machine is not changed.
        known = ("unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/passwd && exec "$@"')
        group = Path("/var/run/docker.sock").stat().st_gid
        user = ("setpriv", f"--reuid={self.uid}", f"--regid={self.uid}", f"--groups={group}")
        return (*known, self.accounts, *user, "env", f"HOME={self.home}", *words)

    def runs(self, project: Path, *words: object) -> str:
        """Run a command that must succeed in a project, and return its output."""
        return succeed(*self.words(*words), cwd=project)


class Editor:
    """The dev container CLI, which does the same as an editor, run by a host user."""

    def __init__(self, folder: Path, user: HostUser) -> None:
        succeed("npm", "install", "--silent", f"--prefix={folder}", DEVCONTAINERS)
        self.program = folder / "node_modules" / ".bin" / "devcontainer"
        self.user = user

    def up(self, project: Path, *options: str) -> dict[str, Any]:
        """Start the dev container of a project, and return the outcome."""
        words = (self.program, "up", "--workspace-folder=.", *options)
        log = command(*self.user.words(*words), cwd=project).stdout
        outcome = [line for line in log.splitlines() if line.startswith('{"outcome"')]
        if not outcome:
            raise AssertionError(log[-6000:])
        return {**json.loads(outcome[0]), "log": log}

    def runs(self, project: Path, *words: str) -> str:
        """Run a command that must succeed in the container, and return its output."""
        return self.user.runs(project, self.program, "exec", "--workspace-folder=.", *words)

    def close(self, engine: docker.DockerClient, project: Path) -> None:
        """Remove the containers of a project with their images and volumes."""
        mine = f"devcontainer.local_folder={project}"
        for container in engine.containers.list(all=True, filters={"label": mine}):
            image, mounts = container.attrs["Config"]["Image"], container.attrs["Mounts"]
            container.remove(force=True)
            for mount in mounts:
                if mount["Type"] == "volume":
                    # The client of Python gives up after a minute, which a busy disk may take.
                    command("docker", "volume", "rm", "--force", mount["Name"])
            command("docker", "image", "rm", "--force", image, image.removesuffix("-uid"))
