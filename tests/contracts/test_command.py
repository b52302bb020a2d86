"""The command `hangar contracts`, on a project with releases."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from hangar_devkit.contracts.cli import main

from .conftest import PACKAGE

READING = f"src/{PACKAGE}/schemas/reading.py"
NARROWED = ("le=100_000", "le=1_000")
REWORDED = ("The measured value.", "The value that was seen.")


class Result(NamedTuple):
    """Exit code and output of the command."""

    returncode: int
    stdout: str
    stderr: str


class Project:
    """A copy of a project, and the command on it."""

    def __init__(
        self, root: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.root, self._patch, self._capsys = root, patch, capsys

    def git(self, *args: str) -> None:
        subprocess.run(["git", *args], cwd=self.root, check=True, capture_output=True)

    def change(self, path: str, old: str, new: str) -> None:
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        if old not in text:
            raise ValueError(f"{path} does not have {old!r}")
        file.write_text(text.replace(old, new), encoding="utf-8")

    def contracts(self, *options: str) -> Result:
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            self._patch.delitem(sys.modules, name)
        self._patch.setattr(sys, "path", [str(self.root / "src"), *sys.path])
        code = main(["--root", str(self.root), *options])
        return Result(code, *self._capsys.readouterr())


@pytest.fixture
def released(
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Project:
    """A committed copy, tagged v0.1.0."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    root = tmp_path / "project"
    shutil.copytree(project, root, ignore=shutil.ignore_patterns("__pycache__"))
    copy = Project(root, monkeypatch, capsys)
    copy.git("init", "--quiet")
    copy.git("add", ".")
    copy.git("commit", "--quiet", "--message=first")
    copy.git("tag", "v0.1.0")
    return copy


def test_fresh_project_agrees(released: Project) -> None:
    assert released.contracts("--check").returncode == 0


def test_drift_fails(released: Project) -> None:
    released.change(READING, *REWORDED)
    assert released.contracts("--drift").returncode == 1


def test_drift_is_named(released: Project) -> None:
    released.change(READING, *REWORDED)
    assert "contracts/reading.schema.json: differs" in released.contracts("--drift").stdout


def test_export_updates_the_files(released: Project) -> None:
    released.change(READING, *REWORDED)
    released.contracts()
    assert released.contracts("--drift").returncode == 0


def test_check_writes_nothing(released: Project) -> None:
    released.change(READING, *REWORDED)
    before = (released.root / "contracts" / "reading.schema.json").read_bytes()
    released.contracts("--check")
    assert (released.root / "contracts" / "reading.schema.json").read_bytes() == before


def test_new_words_break_nothing(released: Project) -> None:
    released.change(READING, *REWORDED)
    assert released.contracts().returncode == 0


def test_breaking_change_fails(released: Project) -> None:
    released.change(READING, *NARROWED)
    assert released.contracts().returncode == 1


def test_breaking_change_is_named(released: Project) -> None:
    released.change(READING, *NARROWED)
    line = "reading.value: upper bound <= 100,000 became <= 1,000 (breaks producers)"
    assert line in released.contracts().stdout


@pytest.mark.parametrize(("version", "code"), [("0.1.1", 1), ("0.2.0", 0), ("1.0.0", 0)])
def test_version_announces_a_break(released: Project, version: str, code: int) -> None:
    released.change(READING, *NARROWED)
    released.change("pyproject.toml", 'version = "0.1.0"', f'version = "{version}"')
    assert released.contracts().returncode == code


def test_newest_release_counts(released: Project) -> None:
    released.change(READING, *NARROWED)
    released.change("pyproject.toml", 'version = "0.1.0"', 'version = "0.10.0"')
    released.contracts()
    released.git("commit", "--all", "--quiet", "--message=second")
    released.git("tag", "v0.10.0")
    assert "no contract changed since v0.10.0" in released.contracts().stdout


def test_release_of_another_branch_does_not_count(released: Project) -> None:
    released.git("switch", "--quiet", "--create", "next")
    released.git("commit", "--allow-empty", "--quiet", "--message=second")
    released.git("tag", "v2.0.0")
    released.git("switch", "--quiet", "-")
    assert "no contract changed since v0.1.0" in released.contracts("--check").stdout


def test_project_without_a_release_has_nothing_to_compare(released: Project) -> None:
    released.git("tag", "--delete", "v0.1.0")
    assert "nothing is released yet" in released.contracts("--check").stdout


def test_shallow_clone_cannot_compare(released: Project, tmp_path: Path) -> None:
    released.git("tag", "--delete", "v0.1.0")
    released.git("commit", "--allow-empty", "--quiet", "--message=second")
    address = released.root.as_uri()
    released.git("clone", "--quiet", "--depth=1", address, str(tmp_path / "shallow"))
    released.root = tmp_path / "shallow"
    assert "could not compare" in released.contracts("--check").stderr


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("APP_MAX_REJECTS=1000\n", "", "add APP_MAX_REJECTS"),
        ("APP_MAX_REJECTS=1000\n", "APP_MAX_REJECTS=x\n", "APP_MAX_REJECTS: Input should be"),
        ("APP_MAX_REJECTS=", "APP_OTHER=1\nAPP_MAX_REJECTS=", "remove APP_OTHER"),
    ],
)
def test_difference_between_settings_and_example_is_reported(
    released: Project, old: str, new: str, line: str
) -> None:
    released.change(".env.example", old, new)
    assert line in released.contracts("--drift").stdout


def test_broken_module_is_explained(released: Project) -> None:
    released.change(READING, "class Reading", "class class")
    assert released.contracts().stderr.startswith(
        "hangar contracts: orchard.schemas cannot be imported"
    )


def test_new_model_needs_only_its_name(released: Project) -> None:
    schemas = released.root / "src" / PACKAGE / "schemas"
    (schemas / "order.py").write_text(
        f'"""An order."""\n\nfrom {PACKAGE}.edge import Contract\n\n\n'
        'class Order(Contract):\n    """An order."""\n\n    number: int\n',
        encoding="utf-8",
    )
    text = "from .order import Order\n\n__all__ = ['Order']\n"
    (schemas / "__init__.py").write_text(text, encoding="utf-8")
    assert "contracts/order.schema.json: is not exported yet" in released.contracts().stdout


class TestWithoutExample:
    @pytest.fixture
    def bare(self, released: Project) -> Project:
        """The project, its example deleted."""
        shutil.rmtree(released.root / "src" / PACKAGE / "schemas")
        for name in ("cli", "collect", "ports", "settings", "utils", "__main__"):
            (released.root / "src" / PACKAGE / f"{name}.py").unlink()
        return released

    def test_schemas_are_removed(self, bare: Project) -> None:
        bare.contracts()
        assert list((bare.root / "contracts").iterdir()) == []

    def test_removed_contract_is_a_break(self, bare: Project) -> None:
        assert "reading: contract removed" in bare.contracts().stdout

    def test_nothing_to_mutate_is_reported(self, bare: Project) -> None:
        assert "nothing to mutate" in bare.contracts("--mutate").stdout
