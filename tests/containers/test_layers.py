"""What a change rebuilds, and what it does not."""

import shutil
import uuid
from pathlib import Path

import docker
import pytest

from tests.containers.conftest import Image
from tests.support.container import build, command, reused

pytestmark = pytest.mark.container

APT = "</usr/local/share/packages/runtime.txt"
DEPENDENCIES = "uv sync --frozen --no-dev --no-install-project"
TAG = "hangar-test-changed"


def layers(engine: docker.DockerClient, tag: str) -> list[str]:
    return list(engine.images.get(tag).attrs["RootFS"]["Layers"])


def touch(path: Path) -> None:
    """Add a line that no build has seen, of this run or of earlier ones."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"# {uuid.uuid4()}\n")


def declare(project: Path, *libraries: str) -> None:
    """Add a project's system libraries to its manifest."""
    with (project / "pyproject.toml").open("a", encoding="utf-8") as manifest:
        manifest.write("\n[tool.preflight.libraries]\n")
        manifest.writelines(f"{name} = true\n" for name in libraries)


@pytest.fixture(scope="module")
def rebuild(image: Image, project: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The log of a build after a change of a source."""
    image("runtime")
    changed = shutil.copytree(project, tmp_path_factory.mktemp("changed") / project.name)
    touch(changed / "src" / "my_project" / "cli.py")
    return build(changed, "runtime", TAG)


@pytest.mark.usefixtures("rebuild")
def test_change_of_a_source_makes_one_new_layer(engine: docker.DockerClient, image: Image) -> None:
    before = layers(engine, image("runtime"))
    assert [old == new for old, new in zip(before, layers(engine, TAG), strict=True)] == [
        *([True] * (len(before) - 1)),
        False,
    ]


def test_change_of_a_source_keeps_the_dependencies(rebuild: str) -> None:
    assert reused(rebuild, DEPENDENCIES)


@pytest.fixture(scope="session")
def declared(image: Image, project: Path, shared: Path) -> Path:
    """The project, built with a library that it declares. Read it only."""
    image("runtime")
    folder = shared / "declared" / project.name
    folder.parent.mkdir()
    command("cp", "-r", project, folder)
    declare(folder, "libpcap")
    build(folder, "runtime", "hangar-test-declared")
    return folder


def test_declared_library_is_in_the_image(engine: docker.DockerClient, declared: Path) -> None:
    script = "import ctypes; print(ctypes.CDLL('libpcap.so.0.8')._name)"
    output = engine.containers.run(
        "hangar-test-declared", ["-c", script], entrypoint="python", remove=True
    )
    assert output.decode().strip() == "libpcap.so.0.8"


@pytest.mark.usefixtures("declared")
def test_change_beside_the_declaration_installs_nothing(copy: Path) -> None:
    declare(copy, "libpcap")
    touch(copy / "pyproject.toml")
    assert reused(build(copy, "runtime", TAG), APT)
