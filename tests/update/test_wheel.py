"""Whatever a project has of the wheel, an update ends with the new release's, or with none."""

import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.projects import Factory, commit, contents, git, update
from tests.support.series import append, replace

pytestmark = pytest.mark.slow

OLD = "hangar_devkit-1.0.0-py3-none-any.whl"
NEW = "hangar_devkit-2.0.0-py3-none-any.whl"
SOURCES = Path("tools/hangar-devkit")
EDITED = SOURCES / "src" / "hangar_devkit" / "lint" / "mocks.py"
TABLE = f"""
# The wheel in tools/. An update changes this line.
[tool.uv.sources.hangar-devkit]
path = "tools/{OLD}"
"""


def missing(tools: Path) -> None:
    (tools / OLD).unlink()


def altered(tools: Path) -> None:
    (tools / OLD).write_bytes(b"PK not a wheel")


def doubled(tools: Path) -> None:
    (tools / "hangar_devkit-0.9.0-py3-none-any.whl").write_bytes((tools / OLD).read_bytes())


def of_another_version(tools: Path) -> None:
    (tools / OLD).rename(tools / "hangar_devkit-0.9.0-py3-none-any.whl")


STATES: tuple[Callable[[Path], None], ...] = (missing, altered, doubled, of_another_version)


@pytest.fixture(scope="module", params=STATES, ids=lambda state: state.__name__)
def repaired(
    request: pytest.FixtureRequest, factory: Factory, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A project whose wheel is wrong, after the documented command, and the outcome."""
    project = factory.project(tmp_path_factory.mktemp("wheel") / "p", "v1.0.0")
    request.param(project / "tools")
    commit(project, "Break")
    return project, update(project, installed=True)


def test_a_wrong_wheel_does_not_stop_an_update(
    repaired: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    assert repaired[1].returncode == 0, repaired[1].stderr


def test_a_wrong_wheel_is_replaced(
    repaired: tuple[Path, subprocess.CompletedProcess[str]], factory: Factory
) -> None:
    assert contents(repaired[0]) == contents(factory.rendering("v2.0.0", {}))


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_a_wrong_wheel_of_the_newest_release_is_replaced(
    factory: Factory, tmp_path: Path, state: Callable[[Path], None]
) -> None:
    project = factory.project(tmp_path / "p", "v2.0.0")
    (project / "tools" / NEW).rename(project / "tools" / OLD)
    state(project / "tools")
    commit(project, "Break")
    update(project, installed=True)
    assert contents(project) == contents(factory.rendering("v2.0.0", {}))


def test_bytes_that_the_lock_does_not_know_are_replaced(factory: Factory, tmp_path: Path) -> None:
    project = factory.project(tmp_path / "p", "v2.0.0")
    wheel = project / "tools" / NEW
    content = wheel.read_bytes()
    known = f'filename = "{NEW}", hash = "sha256:{sha256(content).hexdigest()}"'
    (project / "uv.lock").write_text(f"{{ {known} }}\n", encoding="utf-8")
    wheel.write_bytes(content + b"more")
    commit(project, "Alter")
    update(project, installed=True)
    assert wheel.read_bytes() == content


@pytest.fixture(scope="module")
def from_index(factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that takes hangar-devkit from an index, after an update."""
    project = factory.project(tmp_path_factory.mktemp("index") / "p", "v1.0.0")
    (project / "tools" / OLD).unlink()
    replace(project / "pyproject.toml", TABLE, "")
    commit(project, "Take hangar-devkit from an index")
    done = update(project, installed=True)
    assert done.returncode == 0, done.stderr
    return project


def test_a_project_on_an_index_gets_no_wheel(from_index: Path) -> None:
    assert list((from_index / "tools").glob("*.whl")) == []


def test_a_project_on_an_index_gets_no_source(from_index: Path) -> None:
    assert "sources.hangar-devkit" not in (from_index / "pyproject.toml").read_text()


def test_a_project_on_an_index_gets_the_version(from_index: Path) -> None:
    assert 'template = "2.0.0"' in (from_index / "pyproject.toml").read_text()


@pytest.fixture(scope="module")
def unpacked(
    factory: Factory, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A project with unpacked and edited sources, after an update, and the outcome."""
    project = factory.project(tmp_path_factory.mktemp("unpacked") / "p", "v1.0.0")
    command = [sys.executable, "tools/hangar.py", "unpack"]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    append(project / EDITED, "# our patch\n")
    commit(project, "Patch")
    return project, update(project)


def test_unpacked_sources_are_merged(
    unpacked: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    assert unpacked[1].returncode == 0, unpacked[1].stdout + unpacked[1].stderr


def test_a_patch_is_kept(unpacked: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    assert (unpacked[0] / EDITED).read_text(encoding="utf-8").endswith("# our patch\n")


def test_the_rest_of_the_sources_is_new(
    unpacked: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    text = (unpacked[0] / SOURCES / "pyproject.toml").read_text(encoding="utf-8")
    assert 'version = "2.0.0"' in text


def test_the_path_of_unpacked_sources_is_kept(
    unpacked: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    text = (unpacked[0] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'path = "{SOURCES.as_posix()}"' in text


def test_an_unpacked_project_gets_the_new_wheel(
    unpacked: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    assert [path.name for path in (unpacked[0] / "tools").glob("*.whl")] == [NEW]


def test_a_patch_that_meets_the_releases_change_is_a_conflict(
    factory: Factory, tmp_path: Path
) -> None:
    project = factory.project(tmp_path / "p", "v1.0.0")
    command = [sys.executable, "tools/hangar.py", "unpack"]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    replace(project / SOURCES / "pyproject.toml", 'version = "1.0.0"', 'version = "1.0.0.post1"')
    commit(project, "Patch")
    update(project)
    assert git(project, "diff", "--name-only", "--diff-filter=U").split() == [
        f"{SOURCES.as_posix()}/pyproject.toml"
    ]
