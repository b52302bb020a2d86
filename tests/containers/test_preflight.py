"""The page *Raw sockets* of the guide, in real containers with and without what it declares."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cookiecutter.main import cookiecutter

from tests.support.guide import Step, steps

pytestmark = pytest.mark.container

CHECK = "python tools/hangar.py preflight --scope=container --only=PF301"
INSTALL = (
    "python3 tools/hangar.py preflight install && python3 tools/hangar.py preflight --only=PF301"
)
BASES = ("python:3.11-slim-bookworm", "python:3.13-slim-trixie")
SUITE = "pytest -p no:cacheprovider"
SUBJECT = "preflight-test"
PACKAGE = "preflight_test"


def run(*command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "DOCKER_BUILDKIT": "1"}
    return subprocess.run(
        command, cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )


def must(*command: str, cwd: Path) -> None:
    done = run(*command, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr


def compose(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return run("docker", "compose", "--progress=quiet", *command, cwd=project)


@pytest.fixture(scope="module")
def project(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A generated project that captures packets, and an image of it without libpcap."""
    if not shutil.which("docker"):
        pytest.skip("no docker here; fix: https://docs.docker.com/engine/install/")
    folder = Path(
        cookiecutter(
            str(template),
            no_input=True,
            default_config=True,
            output_dir=str(tmp_path_factory.mktemp("containers")),
            extra_context={"project_name": SUBJECT},
        )
    )
    manifest = folder / "pyproject.toml"
    for step in steps("raw-sockets.md"):
        own = Step(*(part.replace("my_project", PACKAGE) for part in step))
        if own.title:
            own.edit(folder)
        elif own.text.startswith("uv add"):
            must("sh", "-c", own.text, cwd=folder)
    declared = manifest.read_text()
    manifest.write_text(re.sub(r"(?m)^(libraries|capabilities)\..*\n", "", declared))
    must("docker", "build", "--quiet", "--target=test", f"--tag={SUBJECT}:without", ".", cwd=folder)
    manifest.write_text(declared)
    must("docker", "compose", "build", "--quiet", "raw", cwd=folder)
    yield folder
    compose(folder, "--profile=dev", "down", "--volumes", "--rmi=local")
    run("docker", "rmi", f"{SUBJECT}:without")


def older(project: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the image that was built before libpcap was declared."""
    manifest = f"{project}/pyproject.toml:/home/dev/project/pyproject.toml:ro"
    name = f"{SUBJECT}:without"
    return run("docker", "run", "--rm", f"--volume={manifest}", name, "sh", "-c", command)


def raw(project: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the service for raw sockets, whose image was built from the declaration."""
    return compose(project, "run", "--rm", "raw", "sh", "-c", command)


def test_a_missing_library_that_no_test_requires_is_an_error(project: Path) -> None:
    assert older(project, f"rm tests/test_counter.py; {CHECK}").returncode == 1


def test_a_missing_library_that_a_test_requires_is_a_warning(project: Path) -> None:
    assert older(project, CHECK).returncode == 0


def test_the_package_of_a_missing_library_is_named(project: Path) -> None:
    assert "apt-get install -y libpcap0.8" in older(project, CHECK).stdout


def test_the_image_that_is_built_from_the_declaration_has_it(project: Path) -> None:
    assert raw(project, CHECK).returncode == 0


def test_a_missing_library_stops_pytest_before_the_first_test(project: Path) -> None:
    assert older(project, f"rm tests/test_counter.py; {SUITE}").returncode == 78


def test_without_the_library_the_session_goes_on(project: Path) -> None:
    assert older(project, SUITE).returncode == 0


def test_marked_tests_are_skipped_without_the_library(project: Path) -> None:
    assert "tests/test_counter.py s " in older(project, SUITE).stdout


def test_marked_tests_run_in_the_service_for_raw_sockets(project: Path) -> None:
    assert "tests/test_counter.py . " in raw(project, SUITE).stdout


def test_the_service_for_raw_sockets_is_not_root(project: Path) -> None:
    assert raw(project, "id --user").stdout.strip() == "1000"


def test_the_service_for_raw_sockets_has_that_capability_alone(project: Path) -> None:
    effective = "grep CapEff /proc/self/status"
    assert int(raw(project, effective).stdout.split()[1], 16) == 1 << 13


def test_without_the_service_the_reason_is_named(project: Path) -> None:
    check = "python tools/hangar.py preflight --scope=container --only=PF315"
    assert "no file capability" in older(project, check).stdout


@pytest.mark.parametrize("without", ["--cap-drop=ALL", "--cap-drop=NET_RAW"])
def test_without_the_capability_the_bounding_set_is_named(project: Path, without: str) -> None:
    check = (
        "cd /project; COLUMNS=100 python3 tools/hangar.py preflight --scope=container --only=PF315"
    )
    mount = f"--volume={project}:/project:ro"
    done = run("docker", "run", "--rm", without, mount, BASES[1], "sh", "-c", check)
    assert "started without CAP_NET_RAW" in done.stdout


@pytest.mark.parametrize("base", BASES)
def test_the_declared_package_installs_on_each_debian(project: Path, base: str) -> None:
    command = f"cd /project; {INSTALL}"
    mount = f"--volume={project}:/project:ro"
    done = run("docker", "run", "--rm", mount, base, "sh", "-c", command)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_hosts_environment_is_known_inside_a_container(project: Path) -> None:
    must("uv", "sync", "--quiet", "--frozen", "--group=test", cwd=project)
    check = (
        "cd /project; COLUMNS=100 python3 tools/hangar.py preflight --scope=container --only=PF104"
    )
    mount = f"--volume={project}:/project:ro"
    done = run("docker", "run", "--rm", mount, BASES[1], "sh", "-c", check)
    assert "does not exist on this machine" in done.stdout or "was created at" in done.stdout


def test_another_users_workspace_is_known_inside_a_container(project: Path) -> None:
    check = (
        "cd /project; COLUMNS=100 python3 tools/hangar.py preflight --scope=container --only=PF407"
    )
    mount = f"--volume={project}:/project"
    user = "--user=4242"
    done = run("docker", "run", "--rm", user, mount, BASES[1], "sh", "-c", check)
    assert "the workspace is not writable: user 4242" in done.stdout
