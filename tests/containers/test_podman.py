"""What Podman builds: each change reaches the image.

Its cache ignores the content of what `RUN` mounts from another stage, so a Dockerfile that
relies on such a mount makes stale images and exits with 0.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.container import command, succeed

pytestmark = pytest.mark.container

TAG = "localhost/hangar-test-podman"
CLI = "import my_project.cli as cli; print(open(cli.__file__).readlines()[-1].strip())"


@pytest.fixture(scope="module")
def podman() -> Iterator[str]:
    """Podman's client, with images removed at the end."""
    client = shutil.which("podman")
    if client is None:
        pytest.skip("Podman is not installed; install podman and run again")
    base = command(client, "run", "--rm", "python:3.13-slim-trixie", "true")
    if base.returncode:
        reason = base.stdout.strip().splitlines()[-1]
        pytest.skip(f"Podman cannot run the base image ({reason}); pull it and run again")
    yield client
    command(client, "image", "rm", "--force", TAG)


@pytest.fixture(scope="module")
def source(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project for the builds of this module."""
    return shutil.copytree(project, tmp_path_factory.mktemp("podman") / project.name)


def printed(podman: str, *words: str) -> str:
    return succeed(podman, "run", "--rm", "--network=none", *words).strip()


@pytest.fixture(scope="module")
def rebuilt(podman: str, source: Path) -> list[str]:
    """The last line of a source file in each of three images, built after a change to it."""
    cli = source / "src" / "my_project" / "cli.py"
    original, found = cli.read_text(encoding="utf-8"), []
    for number in (1, 2, 3):
        cli.write_text(f"{original}# build {number}\n", encoding="utf-8")
        succeed(podman, "build", "--target=runtime", f"--tag={TAG}", ".", cwd=source)
        found.append(printed(podman, "--entrypoint=python", TAG, "-c", CLI))
    return found


def test_each_rebuild_has_the_new_source(rebuilt: list[str]) -> None:
    assert rebuilt == ["# build 1", "# build 2", "# build 3"]


@pytest.mark.usefixtures("rebuilt")
def test_the_program_runs(podman: str) -> None:
    assert "Usage: my-project" in printed(podman, TAG, "--help")


@pytest.mark.usefixtures("rebuilt")
def test_a_library_declared_later_is_in_the_image(podman: str, source: Path) -> None:
    with (source / "pyproject.toml").open("a", encoding="utf-8") as manifest:
        manifest.write("\n[tool.preflight.libraries]\nlibpcap = true\n")
    succeed(podman, "build", "--target=runtime", f"--tag={TAG}", ".", cwd=source)
    script = "import ctypes; print(ctypes.CDLL('libpcap.so.0.8')._name)"
    assert printed(podman, "--entrypoint=python", TAG, "-c", script) == "libpcap.so.0.8"
