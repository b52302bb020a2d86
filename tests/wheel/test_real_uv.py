"""What uv and the project's own checks make of the wheel, of unpacked sources and of an index."""

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.conftest import Render
from tests.support.projects import run

pytestmark = pytest.mark.slow

Result = subprocess.CompletedProcess[str]


def succeed(project: Path, *command: str) -> str:
    done = run(project, *command)
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def locked(render: Render, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A locked project with its wheel, committed. Copy it before changing it."""
    root = tmp_path_factory.mktemp("locked") / "project"
    shutil.copytree(render({}), root)
    succeed(root, "uv", "lock", "--quiet")
    succeed(root, "git", "init", "--quiet")
    succeed(root, "git", "add", "--all")
    succeed(root, "git", "commit", "--quiet", "--no-verify", "--message=Start")
    return root


@pytest.fixture
def project(locked: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(locked, tmp_path / "project"))


def test_the_lock_refuses_an_altered_wheel(project: Path) -> None:
    (wheel,) = (project / "tools").glob("*.whl")
    # The archive gets a comment of one byte: it is valid, and not the one that was locked.
    wheel.write_bytes(wheel.read_bytes()[:-2] + b"\1\0#")
    command = ("uv", "sync", "--locked", "--quiet", "--no-default-groups", "--group=test")
    assert "Hash mismatch" in run(project, *command).stderr


@pytest.fixture(scope="module")
def unpacked(locked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that uses the sources, locked and installed."""
    root = Path(shutil.copytree(locked, tmp_path_factory.mktemp("unpacked") / "project"))
    succeed(root, "python", "tools/hangar.py", "unpack")
    succeed(root, "uv", "lock", "--quiet")
    succeed(root, "uv", "sync", "--locked", "--quiet", "--group=dev", "--group=test")
    return root


CHECKS = {
    "the command": ("uv", "run", "--frozen", "--no-sync", "hangar", "--version"),
    "commit hooks": ("uv", "run", "--frozen", "--no-sync", "nox", "-s", "lint"),
    "types": ("uv", "run", "--frozen", "--no-sync", "nox", "-s", "typecheck"),
    "tests": ("uv", "run", "--frozen", "--no-sync", "nox", "-s", "tests"),
    "the preflight": ("python3", "tools/hangar.py", "preflight", "apt", "--for", "dev"),
    # What the test and runtime images run.
    "install": ("uv", "sync", "--frozen", "--no-default-groups", "--group=test", "--dry-run"),
    "package": ("uv", "sync", "--frozen", "--no-dev", "--dry-run"),
}


@pytest.mark.parametrize("command", CHECKS.values(), ids=CHECKS)
def test_an_unpacked_project_works(unpacked: Path, command: tuple[str, ...]) -> None:
    succeed(unpacked, *command)


def test_an_edit_of_the_sources_takes_effect(unpacked: Path) -> None:
    cli = unpacked / "tools/hangar-devkit/src/hangar_devkit/cli.py"
    before = cli.read_text(encoding="utf-8")
    cli.write_text(before.replace("usage: hangar COMMAND", "patched: COMMAND"), encoding="utf-8")
    printed = succeed(unpacked, "uv", "run", "--frozen", "--no-sync", "hangar", "--help")
    cli.write_text(before, encoding="utf-8")
    assert printed.startswith("patched: ")


def test_undo_gives_the_project_back(project: Path) -> None:
    succeed(project, "python", "tools/hangar.py", "unpack")
    succeed(project, "uv", "lock", "--quiet")
    succeed(project, "python", "tools/hangar.py", "unpack", "--undo")
    succeed(project, "uv", "lock", "--quiet")
    assert succeed(project, "git", "status", "--porcelain") == ""


@pytest.fixture(scope="module")
def indexed(locked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that switched to an index, here a directory, as docs/how-to/index.md says."""
    root = Path(shutil.copytree(locked, tmp_path_factory.mktemp("indexed") / "project"))
    index = root.parent / "index"
    index.mkdir()
    (wheel,) = (root / "tools").glob("*.whl")
    shutil.copyfile(wheel, index / wheel.name)
    manifest = root / "pyproject.toml"
    text = manifest.read_text(encoding="utf-8")
    text = text.replace(f'path = "tools/{wheel.name}"', 'index = "company"')
    text = text.replace("[dev]", f"[dev]=={wheel.name.split('-')[1]}")
    text += f'\n[[tool.uv.index]]\nname = "company"\nurl = "{index.as_uri()}"\n'
    manifest.write_text(text + 'format = "flat"\nexplicit = true\n', encoding="utf-8")
    succeed(root, "uv", "lock", "--quiet")
    return root


def test_a_project_can_use_an_index(indexed: Path) -> None:
    succeed(indexed, "uv", "sync", "--locked", "--quiet", "--group=dev")
    command = ("uv", "run", "--frozen", "--no-sync", "hangar", "preflight", "apt", "--for", "dev")
    assert "git" in succeed(indexed, *command)


def test_the_lock_takes_the_package_from_the_index(indexed: Path) -> None:
    lock = tomllib.loads((indexed / "uv.lock").read_text(encoding="utf-8"))
    (source,) = (each["source"] for each in lock["package"] if each["name"] == "hangar-devkit")
    assert list(source) == ["registry"]


def test_before_any_environment_the_wheel_still_runs(indexed: Path) -> None:
    printed = succeed(indexed, "python3", "tools/hangar.py", "preflight", "apt", "--for", "dev")
    assert "git" in printed


def test_unpack_says_why_it_cannot(indexed: Path) -> None:
    assert run(indexed, "python3", "tools/hangar.py", "unpack").returncode == 2
