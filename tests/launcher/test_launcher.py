"""`tools/hangar.py` runs the wheel beside it, or says in one line why it cannot."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from warnings import catch_warnings
from zipfile import ZipFile

import pytest

from devkit.tests.support.interpreters import find_interpreter
from tests.conftest import Render
from tests.support.template import git

OLD = ("python2.7", "python3.6", "python3.7", "python3.8")
OLDEST_SUPPORTED = "python3.9"


@pytest.fixture
def project(render: Render, tmp_path: Path) -> Path:
    """A project to spoil: what the launcher needs of one."""
    root = tmp_path / "project"
    shutil.copytree(render({}) / "tools", root / "tools")
    shutil.copyfile(render({}) / "pyproject.toml", root / "pyproject.toml")
    return root


def wheel(project: Path) -> Path:
    (found,) = (project / "tools").glob("*.whl")
    return found


def launch(
    project: Path,
    *arguments: str,
    python: str = sys.executable,
    cwd: Path | None = None,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> subprocess.CompletedProcess[str]:
    command = [python, str(project / "tools" / "hangar.py"), *(arguments or ["--version"])]
    return subprocess.run(
        command, cwd=cwd or project, capture_output=True, text=True, check=False, env=environment
    )


def test_it_runs_the_wheel(project: Path) -> None:
    version = wheel(project).name.split("-")[1]
    assert launch(project).stdout == f"hangar {version}\n"


def test_it_runs_on_the_oldest_python_of_the_preflight(project: Path) -> None:
    done = launch(project, "preflight", "apt", python=find_interpreter(OLDEST_SUPPORTED))
    assert done.stderr.count("Traceback") == 0


def test_modules_are_compiled_once(project: Path) -> None:
    launch(project)
    (compiled,) = (project / "tools/__pycache__").glob("*/hangar_devkit/__pycache__/cli.*.pyc")
    before = compiled.stat()
    launch(project)
    assert compiled.stat() == before


def test_git_ignores_what_was_compiled(project: Path) -> None:
    git(project, "init", "--quiet")
    git(project, "add", "--all")
    launch(project)
    assert git(project, "status", "--porcelain", "--", "tools/__pycache__") == ""


def test_another_wheel_of_the_same_name_replaces_what_was_compiled(project: Path) -> None:
    launch(project)
    with ZipFile(wheel(project), "a") as content, catch_warnings(action="ignore"):
        content.writestr("hangar_devkit/cli.py", "def main():\n    print('other')\n")
    assert launch(project).stdout == "other\n"


def test_it_runs_where_nothing_can_be_written(project: Path) -> None:
    (project / "tools/__pycache__").touch()
    assert launch(project).stdout.startswith("hangar ")


def test_nothing_is_written_where_python_writes_no_bytecode(project: Path) -> None:
    launch(project, environment={"PYTHONDONTWRITEBYTECODE": "1"})
    assert not (project / "tools/__pycache__").exists()


def test_it_prefers_unpacked_sources(project: Path) -> None:
    sources = project / "tools/hangar-devkit/src/hangar_devkit"
    sources.mkdir(parents=True)
    (sources / "__init__.py").touch()
    (sources / "cli.py").write_text("def main():\n    print('unpacked')\n", encoding="utf-8")
    assert launch(project).stdout == "unpacked\n"


def test_left_over_caches_are_no_sources(project: Path) -> None:
    # What git leaves behind when another branch has no unpacked sources.
    (project / "tools/hangar-devkit/src/hangar_devkit/__pycache__").mkdir(parents=True)
    assert launch(project).stdout.startswith("hangar ")


def test_it_runs_from_any_directory(project: Path) -> None:
    below = project / "src" / "package"
    below.mkdir(parents=True)
    done = launch(project, "preflight", "--list", cwd=below)
    assert done.stderr == ""


def test_the_exit_code_is_the_commands(project: Path) -> None:
    assert launch(project, "no-such-command").returncode == 2


def missing(project: Path) -> None:
    wheel(project).unlink()


def doubled(project: Path) -> None:
    shutil.copyfile(wheel(project), project / "tools/hangar_devkit-0.0.1-py3-none-any.whl")


def empty(project: Path) -> None:
    wheel(project).write_bytes(b"")


def truncated(project: Path) -> None:
    content = wheel(project).read_bytes()
    wheel(project).write_bytes(content[: len(content) // 2])


def overwritten(project: Path) -> None:
    content = bytearray(wheel(project).read_bytes())
    start = content.find(b"hangar_devkit/cli.py") + 100
    content[start : start + 200] = bytes(200)
    wheel(project).write_bytes(content)


SPOILED = {
    "missing": (missing, "tools/ has no wheel of hangar-devkit. Restore it: git checkout"),
    "doubled": (doubled, "Delete those that pyproject.toml does not name"),
    "empty": (empty, "is damaged. Restore it: git checkout"),
    "truncated": (truncated, "is damaged. Restore it: git checkout"),
    "overwritten": (overwritten, "is damaged. Restore it: git checkout"),
}


@pytest.fixture(params=SPOILED)
def spoiled(request: pytest.FixtureRequest, project: Path) -> tuple[str, str]:
    """What the launcher prints in a spoiled project, and what it must contain."""
    spoil, words = SPOILED[request.param]
    spoil(project)
    return launch(project).stderr, words


def test_the_fix_is_named(spoiled: tuple[str, str]) -> None:
    printed, words = spoiled
    assert words in printed


def test_one_line_is_printed(spoiled: tuple[str, str]) -> None:
    printed, _ = spoiled
    assert printed.count("\n") == 1


@pytest.mark.parametrize("name", OLD)
def test_an_old_python_gets_a_sentence(project: Path, name: str) -> None:
    done = launch(project, python=find_interpreter(name))
    number = name.removeprefix("python")
    assert done.stderr.startswith(f"hangar: needs Python 3.9 or later, this is {number}.")


def test_a_failure_of_a_command_is_not_called_damage(project: Path) -> None:
    sources = project / "tools/hangar-devkit/src/hangar_devkit"
    sources.mkdir(parents=True)
    (sources / "__init__.py").touch()
    (sources / "cli.py").write_text("def main():\n    raise OSError('bug')\n", encoding="utf-8")
    assert "OSError: bug" in launch(project).stderr
