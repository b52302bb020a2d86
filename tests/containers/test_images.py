"""What each image is, does and lacks."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from tests.containers.conftest import Image
from tests.support.container import UV, build, command, files_of_layers, succeed

pytestmark = pytest.mark.container

# As it is shipped: nothing to write to, no rights.
HARDENED: dict[str, Any] = {
    "read_only": True,
    "tmpfs": {"/tmp": ""},  # noqa: S108 (in the container)
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
    "network_mode": "none",
}
VALIDATE = ("validate", "--rejects=/tmp/rejects.jsonl")
PYTHONS = ["", "3.11", "3.14"]

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(engine: docker.DockerClient) -> Run:
    """Run a command in an image; return its exit code and what it prints."""

    def inside(tag: str, *words: str, **options: Any) -> tuple[int, str]:
        container = engine.containers.run(tag, list(words), detach=True, **options)
        try:
            code = container.wait()["StatusCode"]
            return code, container.logs().decode()
        finally:
            container.remove(force=True)

    return inside


@pytest.fixture
def data(project: Path) -> dict[str, dict[str, str]]:
    """The mount of the project's sample."""
    return {str(project / "data"): {"bind": "/data", "mode": "ro"}}


def test_two_builds_from_nothing_have_the_same_files(
    engine: docker.DockerClient, project: Path
) -> None:
    layers = []
    for number in (1, 2):
        tag = f"hangar-test-again:{number}"
        build(project, "runtime", tag, "--no-cache")
        layers.append(list(files_of_layers(engine, tag)))
    assert layers[0] == layers[1]


@pytest.mark.parametrize("python", PYTHONS)
def test_runtime_runs_the_example(
    run: Run, image: Image, data: dict[str, Any], python: str
) -> None:
    words = (*VALIDATE, "/data/readings.csv")
    code, _ = run(image("runtime", python), *words, volumes=data, **HARDENED)
    assert code == 0


def test_runtime_reports_bad_input(run: Run, image: Image, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "bad.csv").write_text("time,source\n", encoding="utf-8")
    volumes = {str(tmp_path): {"bind": "/data", "mode": "ro"}}
    _, output = run(image("runtime"), *VALIDATE, "/data/bad.csv", volumes=volumes, **HARDENED)
    assert output.startswith("error: /data/bad.csv: ")


@pytest.mark.parametrize("python", PYTHONS)
def test_runtime_has_the_python_that_was_asked_for(run: Run, image: Image, python: str) -> None:
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    _, output = run(image("runtime", python), "-c", script, entrypoint="python")
    assert output.strip() == (python or "3.13")


def test_runtime_is_not_root(run: Run, image: Image) -> None:
    _, output = run(image("runtime"), "-u", entrypoint="id")
    assert output.strip() == "10001"


def test_runtime_user_has_a_name(run: Run, image: Image) -> None:
    script = "import getpass; print(getpass.getuser())"
    _, output = run(image("runtime"), "-c", script, entrypoint="python", **HARDENED)
    assert output.strip() == "app"


def test_runtime_user_can_write_to_its_home(run: Run, image: Image) -> None:
    script = "mkdir ~/.cache && touch ~/.cache/model && ls ~/.cache"
    _, output = run(image("runtime"), "-c", script, entrypoint="sh", **HARDENED)
    assert output.strip() == "model"


def test_runtime_user_can_write_to_the_working_directory(run: Run, image: Image) -> None:
    _, output = run(image("runtime"), "-c", "touch written && ls", entrypoint="sh")
    assert output.strip() == "written"


@pytest.fixture
def endless(engine: docker.DockerClient, image: Image, tmp_path: Path) -> Iterator[Container]:
    """The program at work as a container's first process, on input that never comes."""
    tmp_path.chmod(0o755)
    os.mkfifo(tmp_path / "endless.csv", 0o644)
    volumes = {str(tmp_path): {"bind": "/data", "mode": "ro"}}
    container = engine.containers.run(
        image("runtime"), [*VALIDATE, "/data/endless.csv"], detach=True, volumes=volumes, **HARDENED
    )
    # A writer can open the pipe once the program reads it, so the wait is no guess.
    opened = None
    for _ in range(300):
        try:
            opened = os.open(tmp_path / "endless.csv", os.O_WRONLY | os.O_NONBLOCK)
            break
        except OSError:
            time.sleep(0.1)
    assert opened, container.logs().decode()
    yield container
    os.close(opened)
    container.remove(force=True)


def test_runtime_ends_on_sigterm(endless: Container) -> None:
    endless.stop(timeout=10)
    # 137 would be the end by SIGKILL, after those ten seconds.
    assert endless.wait()["StatusCode"] == 128 + 15


@pytest.mark.parametrize(
    "name", ["uv", "uvx", "gcc", "cc", "make", "git", "ssh", "pytest", "ruff", "mypy", "nox"]
)
def test_runtime_has_no_tool(run: Run, image: Image, name: str) -> None:
    _, output = run(image("runtime"), "-c", f"command -v {name}", entrypoint="sh")
    assert output == ""


@pytest.mark.parametrize("name", ["pip", "pytest", "hangar_devkit", "uv_build"])
def test_runtime_has_no_module(run: Run, image: Image, name: str) -> None:
    _, output = run(image("runtime"), "-c", f"import {name}", entrypoint="python")
    assert f"No module named '{name}'" in output


def test_runtime_has_no_sources_but_the_package(run: Run, image: Image) -> None:
    script = "import my_project; print(my_project.__file__)"
    _, output = run(image("runtime"), "-c", script, entrypoint="python")
    assert output.startswith("/opt/venv/lib/")


@pytest.mark.parametrize("place", ["/mnt", "/tmp", "/project"])  # noqa: S108 (in the container)
def test_runtime_has_no_litter_of_the_build(run: Run, image: Image, place: str) -> None:
    _, output = run(
        image("runtime"), "-c", f"ls -A {place} 2>&1 | grep -v No.such", entrypoint="sh"
    )
    assert output == ""


def test_runtime_is_compiled(run: Run, image: Image) -> None:
    script = (
        "import importlib.util as u; from pathlib import Path; "
        "print(Path(u.find_spec('my_project.cli').cached).exists())"
    )
    _, output = run(image("runtime"), "-c", script, entrypoint="python")
    assert output.strip() == "True"


@pytest.mark.parametrize("python", PYTHONS)
def test_tests_pass_in_the_test_image(run: Run, image: Image, python: str) -> None:
    code, output = run(image("test", python))
    assert code == 0, output


def test_tests_run_as_no_root(run: Run, image: Image) -> None:
    _, output = run(image("test"), "id", "-u")
    assert output.strip() == "1000"


@pytest.mark.parametrize("target", ["runtime", "test"])
def test_missing_lock_is_explained(
    engine: docker.DockerClient,
    copy: Path,
    target: str,
) -> None:
    (copy / "uv.lock").unlink()
    done = command("docker", "build", "--progress=plain", f"--target={target}", ".", cwd=copy)
    assert "error: uv.lock is missing. Create it on the host: uvx nox -s setup" in done.stdout


def test_dev_needs_no_lock(
    engine: docker.DockerClient,
    copy: Path,
) -> None:
    (copy / "uv.lock").unlink()
    assert build(copy, "dev", "hangar-test-unlocked")


@pytest.fixture
def context(
    engine: docker.DockerClient,
    copy: Path,
    tmp_path: Path,
) -> Path:
    """All that a build can see of a project that also holds secrets."""
    for name in (".env", "src/.env", "key.pem", "notes/private.txt"):
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_text("secret", encoding="utf-8")
    out, everything = tmp_path / "out", tmp_path / "Dockerfile"
    everything.write_text("FROM scratch\nCOPY . /\n", encoding="utf-8")
    succeed("docker", "buildx", "build", f"--file={everything}", f"--output={out}", ".", cwd=copy)
    return out


def test_context_is_what_images_need(context: Path) -> None:
    assert sorted(path.name for path in context.iterdir()) == [
        *("LICENSE", "README.md", "data", "pyproject.toml", "src", "tests", "tools", "uv.lock")
    ]


def test_context_has_no_settings_of_the_machine(context: Path) -> None:
    assert list(context.rglob(".env")) == []


@pytest.fixture(scope="module")
def unpacked(
    engine: docker.DockerClient, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The project with the sources of its wheel, locked again. Read it only."""
    copy = shutil.copytree(project, tmp_path_factory.mktemp("unpacked") / project.name)
    succeed(sys.executable, "tools/hangar.py", "unpack", cwd=copy)
    succeed(UV, "lock", "--quiet", cwd=copy)
    return copy


def test_an_unpacked_project_has_a_test_image(unpacked: Path, run: Run) -> None:
    build(unpacked, "test", "hangar-test-unpacked")
    _, printed = run(
        "hangar-test-unpacked", "python", "-c", "import hangar_devkit as h; print(h.__file__)"
    )
    assert printed.strip() == "/home/dev/project/tools/hangar-devkit/src/hangar_devkit/__init__.py"


def test_an_unpacked_project_has_a_runtime_image(
    unpacked: Path, run: Run, data: dict[str, Any]
) -> None:
    build(unpacked, "runtime", "hangar-test-unpacked-runtime")
    words = (*VALIDATE, "/data/readings.csv")
    code, _ = run("hangar-test-unpacked-runtime", *words, volumes=data, **HARDENED)
    assert code == 0
