"""A real engine, and the images of one generated project, built once."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
from docker.errors import DockerException

from tests.support.container import Editor, HostUser, build, generate, workspace

Image = Callable[..., str]


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    """A client of the container engine."""
    try:
        client = docker.from_env()
        client.ping()
    except DockerException as error:
        pytest.skip(f"no container engine answers ({error}); start Docker and run again")
    yield client
    for made in client.images.list(filters={"reference": "hangar-test-*"}):
        client.images.remove(str(made.id), force=True)
    client.close()


@pytest.fixture(scope="session")
def shared() -> Iterator[Path]:
    """A directory that every user of the machine can reach."""
    with workspace() as folder:
        yield folder


@pytest.fixture(scope="session")
def project(template: Path, shared: Path) -> Path:
    """A project with the default answers, locked. Read it only."""
    return generate(template, shared / "default")


@pytest.fixture
def copy(project: Path, tmp_path: Path) -> Path:
    """A copy of the project, to be changed."""
    return shutil.copytree(project, tmp_path / project.name)


@pytest.fixture(scope="session")
def image(
    engine: docker.DockerClient,
    template: Path,
    project: Path,
    shared: Path,
) -> Image:
    """Give the tag of a target, for a version of Python, built once."""
    built: set[str] = set()

    def tag_of(target: str, python: str = "") -> str:
        tag = f"hangar-test-{target}:{python or 'default'}"
        if tag not in built:
            source = project
            if python:
                source = shared / python / project.name
                if not source.exists():
                    generate(template, shared / python, python_version=python)
            try:
                build(source, target, tag)
            except AssertionError as error:
                if "Release file" in str(error) and "is expired" in str(error):
                    pytest.skip(f"the package lists of Python {python}'s image expired; pull it")
                raise
            built.add(tag)
        return tag

    return tag_of


@pytest.fixture(scope="session")
def host_user(shared: Path) -> HostUser:
    """A user of the host who is not root and not number 1000."""
    home = shared / "home"
    home.mkdir()
    return HostUser(home)


@pytest.fixture(scope="session")
def editor(
    engine: docker.DockerClient,
    shared: Path,
    host_user: HostUser,
) -> Editor:
    """The Dev Containers CLI."""
    if not shutil.which("npm"):
        pytest.skip("no npm for the Dev Containers CLI; install Node 20 or later")
    return Editor(shared / "editor", host_user)
