"""An existing project comes under the template, with consent, and follows it from then on."""

from pathlib import Path

import pytest

from tasks import adopt
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
    return adopt.main([str(lab), "--template", str(factory.template), "--to", "v1.0.0", *arguments])


@pytest.fixture
def adopted(lab: Path, factory: Factory) -> Path:
    assert run(lab, factory, "--yes") == 0
    return lab


def test_without_consent_nothing_changes(lab: Path, factory: Factory) -> None:
    before = files(lab)
    assert (run(lab, factory), files(lab), git(lab, "status", "--porcelain")) == (0, before, "")


@pytest.mark.parametrize(
    "words",
    [
        "project_slug = lab-tools",
        "license = Apache-2.0",
        "Replace (yours stays in git; sessions in noxfile.py move to nox_local.py):\n  noxfile.py",
        "Leave:\n  LICENSE\n  README.md",
        "Nothing was changed",
    ],
)
def test_it_tells_what_it_would_do(
    lab: Path, factory: Factory, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    run(lab, factory)
    assert words in capsys.readouterr().out


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


def test_it_can_be_taken_back(adopted: Path) -> None:
    git(adopted, "reset", "--quiet", "--hard")
    assert git(adopted, "status", "--porcelain") == ""


def test_it_follows_the_template_from_then_on(adopted: Path) -> None:
    commit(adopted, "Adopt")
    done = update(adopted)
    # v1.1.0 adds to [project], which is the lab's own: the one question that is left.
    left = [line for line in done.stderr.splitlines() if line.startswith("  ")]
    found = left, (adopted / "tools" / "script").exists()
    assert found == (["  pyproject.toml: conflict"], True)


def test_a_project_with_a_template_is_refused(adopted: Path, factory: Factory) -> None:
    commit(adopted, "Adopt")
    assert run(adopted, factory) == 2


def test_a_shared_file_of_both_is_a_conflict(lab: Path, factory: Factory) -> None:
    (lab / "Dockerfile").write_text("FROM debian\n", encoding="utf-8")
    commit(lab, "Image")
    found = run(lab, factory, "--yes"), git(lab, "diff", "--name-only", "--diff-filter=U")
    assert found == (1, "Dockerfile\n")


def test_a_project_without_a_name_is_refused(
    lab: Path, factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    (lab / "pyproject.toml").unlink()
    commit(lab, "Nameless")
    found = run(lab, factory), "does not say the project's name" in capsys.readouterr().err
    assert found == (2, True)
