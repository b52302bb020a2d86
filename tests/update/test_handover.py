"""An update is made by the new release's updater, whatever the project's own is like."""

import subprocess
from pathlib import Path

import pytest

from tests.support.projects import Factory, files, git, update
from tests.support.series import PROJECT, add_release, insert, replace, tag_release

pytestmark = pytest.mark.slow

UPDATER = Path("devkit/src/hangar_devkit/update")
BROKEN, MARKED = "v2.1.0", "v2.2.0"
# Releases whose updater cannot be started, and what the message names.
UNUSABLE = {
    "v3.0.0": "v3.0.0 must have one wheel of hangar_devkit in tools/, it has none",
    "v3.1.0": "it has hangar_devkit-2.2.0-py3-none-any.whl, hangar_devkit-3.1.0-py3-none-any.whl",
    "v3.2.0": "hangar_devkit-2.2.0-py3-none-any.whl does not start",
    "v3.3.0": "hangar_devkit-3.3.0-py3-none-any.whl does not start",
}
_FIRST = "    rendered = _render("
WITHOUT_LAUNCHER = "v3.4.0"


def break_updater(root: Path) -> None:
    replace(root / UPDATER / "plan.py", _FIRST, f"    raise KeyError\n{_FIRST}")


def mark(root: Path) -> None:
    replace(
        root / UPDATER / "plan.py", "    raise KeyError\n", "    print('the updater of v2.2.0')\n"
    )


def wheel(root: Path) -> Path:
    (found,) = (root / PROJECT / "tools").glob("*.whl")
    return found


@pytest.fixture(scope="module")
def factory(factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> Factory:
    """The template with releases whose updaters are broken, marked, missing."""
    directory = tmp_path_factory.mktemp("handover")
    git(directory, "clone", "--quiet", str(factory.template), "template")
    template = directory / "template"
    add_release(template, BROKEN, break_updater)
    add_release(template, MARKED, mark)
    good = wheel(template)
    content = good.read_bytes()
    good.unlink()
    tag_release(template, "v3.0.0")
    good.write_bytes(content)
    good.with_name("hangar_devkit-3.1.0-py3-none-any.whl").write_bytes(content)
    tag_release(template, "v3.1.0")
    good.with_name("hangar_devkit-3.1.0-py3-none-any.whl").unlink()
    good.write_bytes(content[:5000])
    tag_release(template, "v3.2.0")
    add_release(
        template,
        "v3.3.0",
        lambda root: insert(root / UPDATER / "cli.py", "import sys", "import numpy\n"),
    )
    wheel(template).unlink()
    (template / PROJECT / "tools" / "hangar.py").unlink()
    tag_release(template, WITHOUT_LAUNCHER)
    return Factory(template, directory)


@pytest.fixture(scope="module")
def updated(
    factory: Factory, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A project with a broken updater, and how its update ended."""
    project = factory.project(tmp_path_factory.mktemp("updated") / "p", BROKEN)
    return project, update(project, "--to", MARKED)


def test_a_broken_updater_does_not_stop_an_update(
    updated: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    assert updated[1].returncode == 0, updated[1].stderr


def test_the_new_updater_makes_the_update(
    updated: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    assert "the updater of v2.2.0" in updated[1].stdout


def test_the_new_wheel_is_the_only_one(
    updated: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    assert [path.name for path in (updated[0] / "tools").glob("*.whl")] == [
        "hangar_devkit-2.2.0-py3-none-any.whl"
    ]


def test_a_dry_run_is_made_by_the_new_updater(factory: Factory, tmp_path: Path) -> None:
    project = factory.project(tmp_path / "p", BROKEN)
    assert "Nothing was written" in update(project, "--to", MARKED, "--dry-run").stdout


@pytest.fixture(scope="module", params=UNUSABLE)
def refused(
    request: pytest.FixtureRequest, factory: Factory, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, bool, subprocess.CompletedProcess[str]]:
    """A release without a usable updater: tag, whether the project is unchanged, outcome."""
    project = factory.project(tmp_path_factory.mktemp("refused") / "p", "v1.0.0")
    before = {path: (project / path).read_bytes() for path in files(project)}
    done = update(project, "--to", request.param)
    after = {path: (project / path).read_bytes() for path in files(project)}
    return request.param, after == before, done


Refused = tuple[str, bool, subprocess.CompletedProcess[str]]


def test_an_unusable_updater_ends_with_2(refused: Refused) -> None:
    assert refused[2].returncode == 2


def test_an_unusable_updater_is_named(refused: Refused) -> None:
    assert UNUSABLE[refused[0]] in refused[2].stderr


def test_an_unusable_updater_gives_no_traceback(refused: Refused) -> None:
    assert "Traceback" not in refused[2].stderr


def test_an_unusable_updater_changes_nothing(refused: Refused) -> None:
    assert refused[1]


def test_a_release_from_before_the_wheel_is_taken_by_the_own_updater(
    factory: Factory, tmp_path: Path
) -> None:
    project = factory.project(tmp_path / "p", MARKED)
    assert "the updater of v2.2.0" in update(project, "--to", WITHOUT_LAUNCHER).stdout
