"""What a project needs on platforms that the tests do not run on."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging import markers

from hangar_devkit.hooks import tool
from hangar_devkit.preflight.facts import repository
from hangar_devkit.preflight.machine import Machine
from scripts.foreign import platforms
from tests.conftest import Render

# Modules that Python has on Unix only.
UNIX = ("fcntl", "grp", "posix_ipc", "pwd", "resource", "syslog", "termios")
BLOCKED = f"""
import pkgutil, runpy, sys
for name in {UNIX}:
    sys.modules[name] = None
import hangar_devkit
for found in pkgutil.walk_packages(hangar_devkit.__path__, "hangar_devkit."):
    if not found.name.endswith("__main__"):
        __import__(found.name)
runpy.run_path(sys.argv[1])
"""


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return platforms.lock(tmp_path_factory.mktemp("platforms"))


@pytest.mark.slow
@pytest.mark.parametrize("platform", platforms.PLATFORMS)
@pytest.mark.parametrize("selection", platforms.SELECTIONS)
def test_everything_installs_from_wheels(locked: Path, selection: str, platform: str) -> None:
    assert platforms.planned(locked, selection, platform).isdigit()


@pytest.mark.slow
def test_what_the_host_runs_type_checks_for_windows(tmp_path: Path) -> None:
    """Before any environment exists: the launcher, the preflight and the container session."""
    package = "devkit/src/hangar_devkit"
    files = (f"{package}/cli.py", f"{package}/container.py", f"{package}/preflight")
    mypy = (sys.executable, "-m", "mypy", "--platform=win32", f"--cache-dir={tmp_path}", *files)
    done = subprocess.run(mypy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_noxfile_and_tooling_load_without_modules_of_unix(render: Render) -> None:
    command = [sys.executable, "-c", BLOCKED, str(render({}) / "noxfile.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def uninstalled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment without tools."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))


@pytest.mark.usefixtures("uninstalled")
@pytest.mark.parametrize(
    ("name", "variable", "value"),
    [("hadolint", "sys_platform", "win32"), ("shellcheck", "platform_machine", "aarch64")],
)
def test_a_hook_without_a_wheel_is_skipped_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    variable: str,
    value: str,
) -> None:
    here = {**markers.default_environment(), variable: value}
    monkeypatch.setattr(markers, "default_environment", lambda: here)
    tool.run([name])
    assert "has no wheel for this platform" in capsys.readouterr().out


@pytest.mark.usefixtures("uninstalled")
def test_a_missing_tool_with_a_wheel_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    tool.run(["shellcheck"])
    assert "shellcheck is not installed" in capsys.readouterr().err


def test_a_tool_is_run() -> None:
    assert tool.run(["shellcheck", "--version"]) == 0


def test_line_endings_of_every_shipped_script_are_checked(render: Render, tmp_path: Path) -> None:
    project = shutil.copytree(render({}), tmp_path / "project")
    scripts = [
        path.relative_to(project).as_posix()
        for path in sorted(project.rglob("*"))
        if path.is_file() and (path.name == "Dockerfile" or path.read_bytes()[:2] == b"#!")
    ]
    for name in scripts:
        text = (project / name).read_bytes()
        (project / name).write_bytes(text.replace(b"\n", b"\r\n"))
    assert sorted(repository.carriage_returns(Machine(str(project)))) == scripts
