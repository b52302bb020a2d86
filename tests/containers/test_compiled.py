"""A dependency without wheels: `for = "build"` brings the compiler to each stage that needs it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.support.container import UV, build, command, succeed
from tests.support.series import insert

pytestmark = pytest.mark.container

# Its newest release is of 2021: it has no wheel for a Python that the images have.
DEPENDENCY = "netifaces==0.11.0"
# An image whose Python is Debian's own has the headers of Python in a package.
DECLARED = 'executables.gcc = { apt = ["gcc", "libc6-dev", "python3-dev"], for = "build" }\n'
TARGETS = ("runtime", "test", "dev")


@pytest.fixture(scope="module")
def images(
    engine: docker.DockerClient, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The image of each target, of a project with such a dependency."""
    copy = shutil.copytree(project, tmp_path_factory.mktemp("compiled") / project.name)
    insert(copy / "pyproject.toml", "yours: one line each", DECLARED)
    succeed(UV, "add", "--quiet", "--no-sync", DEPENDENCY, cwd=copy)
    # The page *Tests* of the guide names this command.
    succeed(UV, "add", "--quiet", "--no-sync", "--group", "test", "pytest-mock", cwd=copy)
    tags = {target: f"hangar-test-compiled:{target}" for target in TARGETS}
    for target, tag in tags.items():
        build(copy, target, tag)
    yield tags
    command("docker", "image", "rm", "--force", *tags.values())


@pytest.mark.parametrize("target", ["runtime", "test"])
def test_the_compiled_package_is_installed(images: dict[str, str], target: str) -> None:
    python = "/opt/venv/bin/python" if target == "runtime" else "/home/dev/.cache/venv/bin/python"
    words = ("docker", "run", "--rm", f"--entrypoint={python}", images[target])
    assert "lo" in succeed(*words, "-c", "import netifaces; print(netifaces.interfaces())")


def test_a_test_dependency_is_in_the_test_image(images: dict[str, str]) -> None:
    words = ("docker", "run", "--rm", images["test"], "pytest", "--version", "--version")
    assert "pytest-mock" in succeed(*words)


@pytest.mark.parametrize(("target", "has_compiler"), [("runtime", False), ("dev", True)])
def test_the_compiler_is_where_something_is_compiled(
    images: dict[str, str], target: str, has_compiler: bool
) -> None:
    words = ("docker", "run", "--rm", "--entrypoint=sh", images[target], "-c", "command -v gcc")
    assert (command(*words).returncode == 0) == has_compiler
