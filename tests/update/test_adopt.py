"""`hangar adopt` brings an existing project under the template, and only with --yes."""

import subprocess
from pathlib import Path

import pytest

from hangar_devkit.adopt import adoption, cli
from tests.support.projects import Factory, cruft, files, git, update
from tests.support.series import commit

pytestmark = pytest.mark.slow

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "Lab-Tools"
version = "3.1"
description = "What the lab runs"
authors = [{ name = "Ann O'Dea", email = "ann@example.com" }]
license = "Apache-2.0"
dependencies = ["requests"]

# our rules
[tool.ruff]
line-length = 120
"""
OWN = {
    "README.md": "# Lab\n",
    "LICENSE": "Apache, by Ann\n",
    "noxfile.py": '"""Our sessions."""\n',
    "src/lab/__init__.py": '"""Lab."""\n',
    "src/lab/__main__.py": "print(1)\n",
    "tests/test_lab.py": "def test_lab():\n    pass\n",
}


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A project that never had a template."""
    root = tmp_path / "lab"
    for name, text in {**OWN, "pyproject.toml": PYPROJECT}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root, "Start")
    return root


def run(lab: Path, factory: Factory, *arguments: str) -> int:
    return cli.main([str(lab), "--template", str(factory.template), "--to", "v1.0.0", *arguments])


@pytest.fixture
def adopted(lab: Path, factory: Factory) -> Path:
    assert run(lab, factory, "--yes") == 0
    return lab


@pytest.fixture
def shown(lab: Path, factory: Factory, capsys: pytest.CaptureFixture[str]) -> str:
    """What the command prints without --yes."""
    assert run(lab, factory) == 0
    return capsys.readouterr().out


def test_without_yes_no_file_changes(shown: str, lab: Path) -> None:
    assert git(lab, "status", "--porcelain", "--ignored") == ""


@pytest.mark.parametrize(
    "words",
    [
        "project_slug = lab-tools",
        "license = Apache-2.0",
        "sessions in noxfile.py move to nox_local.py):\n  noxfile.py",
        "Leave:\n  LICENSE\n  README.md",
        "Nothing was changed",
    ],
)
def test_the_plan_is_shown(shown: str, words: str) -> None:
    assert words in shown


@pytest.mark.parametrize("name", [name for name in OWN if name != "noxfile.py"])
def test_own_files_stay(adopted: Path, name: str) -> None:
    assert (adopted / name).read_text(encoding="utf-8") == OWN[name]


def test_own_sessions_move(adopted: Path) -> None:
    assert (adopted / "nox_local.py").read_text(encoding="utf-8") == OWN["noxfile.py"]


def test_own_settings_stay(adopted: Path) -> None:
    assert PYPROJECT in (adopted / "pyproject.toml").read_text(encoding="utf-8")


def test_no_example_is_added(adopted: Path) -> None:
    assert files(adopted / "src") == ["lab/__init__.py", "lab/__main__.py"]


def test_cruft_knows_the_project(adopted: Path) -> None:
    assert "out of date" in cruft(adopted, "check").stdout


def test_it_can_be_undone(adopted: Path) -> None:
    git(adopted, "reset", "--quiet", "--hard")
    assert git(adopted, "status", "--porcelain") == ""


@pytest.fixture
def updated(adopted: Path) -> subprocess.CompletedProcess[str]:
    """The next update of an adopted project."""
    commit(adopted, "Adopt")
    return update(adopted)


def test_the_next_update_arrives(updated: subprocess.CompletedProcess[str], adopted: Path) -> None:
    assert (adopted / "tools" / "script").exists()


def test_the_next_update_conflicts_in_own_metadata_alone(
    updated: subprocess.CompletedProcess[str],
) -> None:
    # v1.1.0 adds to [project], which is the lab's own.
    conflicts = [line for line in updated.stderr.splitlines() if line.startswith("  ")]
    assert conflicts == ["  pyproject.toml: conflict"]


def test_a_project_with_a_template_is_refused(adopted: Path, factory: Factory) -> None:
    commit(adopted, "Adopt")
    assert run(adopted, factory) == 2


@pytest.fixture
def conflicting(lab: Path) -> Path:
    """A project with an image of its own."""
    (lab / "Dockerfile").write_text("FROM debian\n", encoding="utf-8")
    commit(lab, "Image")
    return lab


def test_a_conflict_is_reported(conflicting: Path, factory: Factory) -> None:
    assert run(conflicting, factory, "--yes") == 1


def test_a_shared_file_of_both_is_a_conflict(conflicting: Path, factory: Factory) -> None:
    run(conflicting, factory, "--yes")
    assert git(conflicting, "diff", "--name-only", "--diff-filter=U") == "Dockerfile\n"


def refusal(lab: Path, factory: Factory, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(lab, factory) == 2
    return capsys.readouterr().err


def test_a_project_without_a_name_is_refused(
    lab: Path, factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    (lab / "pyproject.toml").unlink()
    commit(lab, "Nameless")
    assert "has no [project] name" in refusal(lab, factory, capsys)


def test_a_project_made_from_the_template_names_it(adopted: Path, factory: Factory) -> None:
    assert adoption.find_template(adopted) == str(factory.template)
