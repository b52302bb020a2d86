"""The page *Services* of the guide, followed to the letter: PostgreSQL behind every door."""

import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest

from tests.support.container import Editor, HostUser, command, succeed
from tests.support.guide import Step, steps
from tests.support.render import BIN, by_api
from tests.support.template import ROOT

pytestmark = pytest.mark.container

PAGE = "service.md"
NOX = BIN / "nox"
PASSED = re.compile(r"tests/test_database.py \.\s")
SKIPPED = re.compile(r"tests/test_database.py s\s")


@pytest.fixture(scope="module")
def port() -> int:
    """A free port, since a PostgreSQL of this machine may have the usual one."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def edited(engine: docker.DockerClient, project: Path, shared: Path, port: int) -> Path:
    """The project with the edits of the page, and its environment."""
    copy = shutil.copytree(project, shared / "with-service")
    succeed("git", "init", "--quiet", cwd=copy)
    succeed(NOX, "-s", "setup", cwd=copy)
    for step in steps(PAGE):
        text = step.text.replace("127.0.0.1:5432", f"127.0.0.1:{port}")
        text = text.replace("@localhost/", f"@localhost:{port}/")
        if step.title.startswith(".gitlab"):  # not in this project
            continue
        if step.title:
            Step(text, step.title).edit(copy)
        elif not text.startswith(("docker", "uvx nox")):
            succeed("sh", "-c", text, cwd=copy)
    succeed("git", "add", "--all", cwd=copy)
    return copy


@pytest.fixture(scope="module")
def started(edited: Path) -> Iterator[Path]:
    """The project with the database, as the page starts it on the host."""
    succeed("docker", "compose", "up", "--detach", "--wait", "database", cwd=edited)
    yield edited
    down = ("down", "--volumes", "--rmi=local", "--remove-orphans")
    succeed("docker", "compose", "--profile=dev", *down, cwd=edited)


@pytest.fixture(scope="module")
def on_the_host(started: Path) -> str:
    """What the tests print on the host."""
    return succeed(NOX, "-s", "tests", cwd=started)


@pytest.fixture(scope="module")
def owned(started: Path, on_the_host: str, host_user: HostUser) -> Path:
    """The same project, of a user who is not root."""
    host_user.own(started)
    return started


def test_the_edits_pass_the_checks(edited: Path) -> None:
    done = command(NOX, "-s", "lint", cwd=edited, env={"CI": "1"})
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_host_reaches_the_database(on_the_host: str) -> None:
    assert PASSED.search(on_the_host)


def test_the_session_in_the_container_reaches_the_database(owned: Path) -> None:
    assert PASSED.search(succeed(NOX, "-s", "container", "--", "tests", cwd=owned))


def test_the_program_gets_the_address(owned: Path, host_user: HostUser) -> None:
    script = "import os; print(os.environ['DATABASE_URL'])"
    words = ("docker", "compose", "run", "--rm", "--build", "--entrypoint=python", "app")
    output = host_user.runs(owned, *words, "-c", script)
    assert output.splitlines()[-1].endswith("@database/postgres")


@pytest.fixture(scope="module")
def in_the_dev_container(
    engine: docker.DockerClient, owned: Path, shared: Path, host_user: HostUser
) -> Iterator[str]:
    """What the tests print in the dev container."""
    if not shutil.which("npm"):
        pytest.skip("no npm for the Dev Containers CLI; install Node 20 or later")
    editor = Editor(shared / "service-editor", host_user)
    opened = editor.up(owned)
    assert opened["outcome"] == "success", opened["log"]
    yield editor.runs(owned, "nox", "-s", "tests")
    editor.close(engine, owned)


def test_the_dev_container_reaches_the_database(in_the_dev_container: str) -> None:
    assert PASSED.search(in_the_dev_container)


@pytest.fixture(scope="module")
def clone(edited: Path, shared: Path) -> Path:
    """A fresh clone, as CI has it: no `.env`, no environment, no database."""
    copy = shared / "clone"
    shutil.copytree(edited, copy, ignore=shutil.ignore_patterns(".env", ".venv", ".nox"))
    return copy


CI = {"CI": "true", "DATABASE_URL": ""}


def test_the_preflight_passes_in_ci_without_the_variable(clone: Path) -> None:
    done = command(NOX, "-s", "preflight", "--", "--format=github", cwd=clone, env=CI)
    assert done.returncode == 0, done.stdout


def test_the_test_is_skipped_in_ci_without_the_variable(clone: Path) -> None:
    assert SKIPPED.search(succeed(NOX, "-s", "tests", cwd=clone, env=CI))


@pytest.mark.parametrize("service", ["app", "dev", "raw"])
def test_no_command_of_compose_needs_a_dotenv(clone: Path, service: str) -> None:
    words = ("docker", "compose", "--profile=dev", "config", "--quiet", service)
    assert command(*words, cwd=clone).returncode == 0


def test_gitlab_takes_the_lines_for_it(tmp_path: Path, edited: Path) -> None:
    """Its file is not in this project: the lines are put into the template's."""
    project = by_api(ROOT, tmp_path, {"ci": "gitlab"})
    for step in steps(PAGE):
        if step.title.startswith(".gitlab"):
            step.edit(project)
    words = (BIN / "hangar", "hook", "schemas", ".gitlab-ci.yml")
    assert command(*words, cwd=project).returncode == 0
