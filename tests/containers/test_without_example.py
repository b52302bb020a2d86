"""The page *Replace the example* of the guide, followed to the letter, leaves nothing broken."""

import re
import shutil
from pathlib import Path

import docker
import pytest

from tests.support.container import command, succeed
from tests.support.guide import GUIDE
from tests.support.render import BIN

pytestmark = pytest.mark.container

LEFT = re.compile(r"\b[Rr]eadings\b|\bReading\b|[Mm]easurement|\bsample\b|APP_MAX")
# Names of files in docstrings, as examples.
EXAMPLES = ("make(Reading", "make_table(Reading", 'write("readings.csv"')
FOLDERS = ("src", "tests", "docs", "contracts", "data")


@pytest.fixture(scope="module")
def replaced(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project after the commands of the page, without the last one: it runs every check."""
    copy = shutil.copytree(project, tmp_path_factory.mktemp("replaced") / "without-example")
    succeed("git", "init", "--quiet", cwd=copy)
    succeed("git", "add", "--all", cwd=copy)
    succeed("git", "commit", "--quiet", "--message=Start", cwd=copy)
    succeed(BIN / "nox", "-s", "setup", cwd=copy)
    page = (GUIDE / "example.md").read_text(encoding="utf-8")
    script = page.split("```sh\n")[1].split("uvx nox\n```")[0]
    script = script.replace("uvx nox", str(BIN / "nox")).replace("package=", "export package=")
    succeed("bash", "-eu", "-c", script, cwd=copy)
    return copy


def test_the_checks_pass(replaced: Path) -> None:
    done = command(BIN / "nox", "-s", "lint", "typecheck", "tests", cwd=replaced, env={"CI": "1"})
    assert done.returncode == 0, done.stdout[-3000:]


CONTRACT = '''\
"""A parcel."""

from enum import StrEnum

from pydantic import Field

from my_project.edge import Contract


class Size(StrEnum):
    """How large it is."""

    SMALL = "small"
    LARGE = "large"


class Parcel(Contract):
    """A parcel that was posted."""

    size: Size = Field(description="How large it is.")
    labels: list[str] = Field(min_length=1, description="What is written on it.")
'''
EXPORT = '''\
"""The data contracts: what may enter and what leaves."""

from .parcel import Parcel

__all__ = ["Parcel"]
'''


@pytest.fixture(scope="module")
def with_a_contract(replaced: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with a contract of the user's in place of the example, its pages generated."""
    ignored = shutil.ignore_patterns(".venv", ".nox")
    copy = shutil.copytree(replaced, tmp_path_factory.mktemp("own") / "parcels", ignore=ignored)
    schemas = copy / "src/my_project/schemas"
    (schemas / "parcel.py").write_text(CONTRACT, encoding="utf-8")
    (schemas / "__init__.py").write_text(EXPORT, encoding="utf-8")
    succeed(BIN / "nox", "-s", "setup", cwd=copy)
    succeed(BIN / "nox", "-s", "contracts", cwd=copy)
    succeed(BIN / "nox", "-s", "docs", "--", "pages", cwd=copy)
    succeed("git", "add", "--all", cwd=copy)
    return copy


def test_a_contract_passes_the_checks(with_a_contract: Path) -> None:
    done = command(BIN / "nox", "-s", "lint", cwd=with_a_contract, env={"CI": "1"})
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_nested_contract_has_tests(with_a_contract: Path) -> None:
    words = ("--", "tests/test_schemas.py", "--verbose")
    output = succeed(BIN / "nox", "-s", "tests", *words, cwd=with_a_contract)
    assert re.findall(r"\[(Parcel\S*)\] (\w+)", output) == [
        ("Parcel", "PASSED"),
        ("Parcel-rows.jsonl", "PASSED"),
    ]


def test_no_file_describes_the_example(replaced: Path) -> None:
    tracked = succeed("git", "ls-files", cwd=replaced).split()
    names = [
        name
        for name in tracked
        if name.startswith(FOLDERS) or name in {"README.md", "compose.yaml", ".env.example"}
    ]
    lines = [
        f"{name}: {line}"
        for name in names
        for line in (replaced / name).read_text(encoding="utf-8").splitlines()
        if LEFT.search(line) and not any(text in line for text in EXAMPLES)
    ]
    assert lines == []


def test_the_program_runs_in_compose(engine: docker.DockerClient, replaced: Path) -> None:
    output = succeed(
        *("docker", "compose", "run", "--rm", "--build", "app", "--help"), cwd=replaced
    )
    command("docker", "compose", "down", "--rmi=local", "--volumes", cwd=replaced)
    assert "Describe the program here." in output


def test_no_directory_is_created_by_compose(replaced: Path) -> None:
    assert not (replaced / "data").exists()
