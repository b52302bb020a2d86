"""What holds under Docker and under Podman: each change reaches the image, and the image is right.

Podman's cache ignores the content of what `RUN` mounts from another stage, so a Dockerfile that
relies on such a mount makes stale images and exits with 0.
"""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.container import LAST_LINE, PODMAN_SETTINGS, UV, command, succeed

pytestmark = pytest.mark.container

TAG = "localhost/hangar-test-engines"
BASE = "python:3.13-slim-trixie"
PODMAN_COMPOSE = "podman-compose==1.6.0"


@dataclass(frozen=True)
class Engine:
    """A container engine that runs containers here."""

    name: str
    environment: Mapping[str, str]

    def run(self, *words: object, cwd: Path | None = None) -> str:
        return succeed(self.name, *words, cwd=cwd, env=self.environment).strip()

    def inside(self, *words: object) -> str:
        """Run a container as the guide advises: no network, no rights, no place to write."""
        hardened = ("--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--network=none")
        return self.run("run", "--rm", *hardened, "--security-opt=no-new-privileges", *words)


@pytest.fixture(scope="module", params=["docker", "podman"])
def either(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """Docker, then Podman."""
    name: str = request.param
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed; install {name} and run again")
    limited = tmp_path_factory.mktemp("engine") / "containers.conf"
    init = shutil.which("catatonit") or shutil.which("docker-init") or ""
    limited.write_text(PODMAN_SETTINGS.format(init=init, runtime="runc"), encoding="utf-8")
    environments: list[dict[str, str]] = [{}]
    if name == "podman":
        environments.append({"CONTAINERS_CONF": str(limited)})
    for environment in environments:
        found = command(name, "run", "--rm", BASE, "true", env=environment)
        if found.returncode == 0:
            break
    else:
        reason = found.stdout.strip().splitlines()[-1]
        pytest.skip(f"{name} cannot run the base image ({reason}); pull it and run again")
    yield Engine(name, environment)
    command(name, "image", "rm", "--force", TAG, env=environment)


@pytest.fixture(scope="module")
def source(project: Path, tmp_path_factory: pytest.TempPathFactory, either: Engine) -> Path:
    """A copy of the project for the builds of one engine."""
    return shutil.copytree(project, tmp_path_factory.mktemp(either.name) / project.name)


@pytest.fixture(scope="module")
def rebuilt(either: Engine, source: Path) -> list[str]:
    """The last line of a source file in each of three images, built after a change to it."""
    cli = source / "src" / "my_project" / "cli.py"
    original, found = cli.read_text(encoding="utf-8"), []
    for number in (1, 2, 3):
        cli.write_text(f"{original}# build {number}\n", encoding="utf-8")
        either.run("build", "--target=runtime", f"--tag={TAG}", ".", cwd=source)
        found.append(either.inside("--entrypoint=python", TAG, "-c", LAST_LINE))
    return found


def test_each_rebuild_has_the_new_source(rebuilt: list[str]) -> None:
    assert rebuilt == ["# build 1", "# build 2", "# build 3"]


@pytest.mark.usefixtures("rebuilt")
def test_the_example_runs(either: Engine, source: Path) -> None:
    data = f"--volume={source}/data:/data:ro,z"
    output = either.inside(data, TAG, "validate", "--rejects=/tmp/r", "/data/readings.csv")
    assert "288 valid" in output


@pytest.mark.usefixtures("rebuilt")
@pytest.mark.parametrize(
    ("script", "output"),
    [
        ("id -u", "10001"),
        ("id -un", "app"),
        ("pwd", "/workspace"),
        ("mkdir ~/.cache && ls -a ~ | grep cache", ".cache"),
        ("command -v uv gcc pytest || echo none", "none"),
    ],
)
def test_runtime_is_what_a_program_needs(either: Engine, script: str, output: str) -> None:
    assert either.inside("--entrypoint=sh", TAG, "-c", script) == output


@pytest.mark.usefixtures("rebuilt")
def test_the_image_names_its_source(either: Engine) -> None:
    form = '--format={{ index .Config.Labels "org.opencontainers.image.title" }}'
    assert either.run("image", "inspect", form, TAG) == "my-project"


# The layers of Docker differ in times: test_images.py compares their files.
@pytest.mark.parametrize("either", ["podman"], indirect=True)
def test_two_builds_from_nothing_have_the_same_layers(either: Engine, source: Path) -> None:
    layers = []
    for number in (1, 2):
        tag = f"{TAG}:{number}"
        options = ("--no-cache", "--timestamp=0", "--target=runtime", f"--tag={tag}")
        either.run("build", *options, ".", cwd=source)
        layers.append(either.run("image", "inspect", "--format={{json .RootFS.Layers}}", tag))
        either.run("image", "rm", tag)
    assert layers[0] == layers[1]


# Docker's part of the next two is in test_declarations.py and test_compose.py.
@pytest.mark.usefixtures("rebuilt")
@pytest.mark.parametrize("either", ["podman"], indirect=True)
def test_a_library_declared_later_is_in_the_image(either: Engine, source: Path) -> None:
    with (source / "pyproject.toml").open("a", encoding="utf-8") as manifest:
        manifest.write("\n[tool.preflight.libraries]\nlibpcap = true\n")
    either.run("build", "--target=runtime", f"--tag={TAG}", ".", cwd=source)
    script = "import ctypes; print(ctypes.CDLL('libpcap.so.0.8')._name)"
    assert either.inside("--entrypoint=python", TAG, "-c", script) == "libpcap.so.0.8"


@pytest.fixture
def compose(either: Engine, tmp_path: Path) -> dict[str, str]:
    """The variables with which `hangar container` finds Compose of one engine."""
    found = {**either.environment, "HANGAR_ENGINE": either.name}
    if either.name == "podman":
        succeed(UV, "venv", "--quiet", tmp_path / "venv")
        python = f"--python={tmp_path}/venv/bin/python"
        succeed(UV, "pip", "install", "--quiet", python, PODMAN_COMPOSE)
        found["PATH"] = f"{tmp_path}/venv/bin{os.pathsep}{os.environ['PATH']}"
    return found


@pytest.mark.parametrize("either", ["podman"], indirect=True)
def test_a_command_runs_in_the_development_image(
    either: Engine, compose: dict[str, str], copy: Path
) -> None:
    succeed("git", "init", "--quiet", cwd=copy)
    words = ("tools/hangar.py", "container", "id", "--user")
    output = succeed(sys.executable, *words, cwd=copy, env=compose)
    volume = f"{copy.name}_cache"
    command(either.name, "volume", "rm", "--force", volume, env=either.environment)
    assert output.splitlines()[-1] == str(copy.stat().st_uid)
