"""`hangar adopt` adds layers to an existing project, and only with --yes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from hangar_devkit.adopt import adoption, cli
from hangar_devkit.adopt.layers import LAYERS
from tests.support.projects import Factory, cruft, git, update
from tests.support.series import commit

pytestmark = pytest.mark.slow

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "NumPy"
version = "3.1"
description = "What the lab runs"
"""
OWN = {
    ".gitattributes": "* -text\n",
    ".pre-commit-config.yaml": "repos: []\n",
    "Dockerfile": "FROM debian\n",
    "docs/conf.py": 'project = "lab"\n',
    "noxfile.py": '"""Our sessions."""\n',
    "pyproject.toml": PYPROJECT,
    "src/lab/__init__.py": '"""Lab."""\n',
    "tests/test_lab.py": "def test_lab():\n    pass\n",
}


def make_lab(root: Path) -> Path:
    """A project that never had a template, and whose name is a reserved one."""
    for name, text in OWN.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root, "Start")
    return root


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    return make_lab(tmp_path / "lab")


def run(lab: Path, factory: Factory, *arguments: str) -> int:
    return cli.main([str(lab), "--template", str(factory.template), "--to", "v1.0.0", *arguments])


@pytest.fixture(scope="module")
def all_layers(tmp_path_factory: pytest.TempPathFactory, factory: Factory) -> Path:
    """A project with every layer, unchecked. Read it only."""
    root = make_lab(tmp_path_factory.mktemp("adopted") / "lab")
    assert run(root, factory, "--yes", "--no-checks") == 0
    return root


@pytest.fixture
def adopted(all_layers: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    git(tmp_path, "clone", "--quiet", str(all_layers), "adopted")
    return tmp_path / "adopted"


def test_without_yes_no_file_changes(lab: Path, factory: Factory) -> None:
    run(lab, factory)
    assert git(lab, "status", "--porcelain", "--ignored") == ""


def test_the_plan_names_each_layer(
    lab: Path, factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    run(lab, factory)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("Layer ")] == list(LAYERS)


def test_each_layer_is_a_commit(all_layers: Path) -> None:
    subjects = git(all_layers, "log", "--format=%s", "--reverse").splitlines()
    assert subjects == ["Start", *(f"Adopt the layer {layer} of the template" for layer in LAYERS)]


def test_no_file_of_the_project_changes(all_layers: Path) -> None:
    first = git(all_layers, "rev-list", "--max-parents=0", "HEAD").strip()
    assert git(all_layers, "diff", "--name-only", "--diff-filter=a", first) == ""


def test_own_sessions_stay_beside_ours(all_layers: Path) -> None:
    assert (all_layers / "noxfile_hangar.py").is_file()


def test_layers_are_undone_in_any_order(adopted: Path) -> None:
    first = git(adopted, "rev-list", "--max-parents=0", "HEAD").strip()
    for one in git(adopted, "rev-list", "--reverse", f"{first}..HEAD").split():
        git(adopted, "revert", "--no-edit", one)
    assert git(adopted, "diff", "--name-only", first) == ""


def test_a_second_run_adds_nothing(
    all_layers: Path, factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    run(all_layers, factory, "--yes")
    assert "Every layer is there already." in capsys.readouterr().out


def test_a_file_in_the_way_is_refused(
    lab: Path, factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    (lab / ".gitignore").write_text("tools/\n", encoding="utf-8")
    commit(lab, "Ignore")
    (lab / "tools").mkdir()
    (lab / "tools" / "hangar.py").write_text("mine\n", encoding="utf-8")
    run(lab, factory, "--yes")
    assert "where you have some: tools/hangar.py" in capsys.readouterr().err


@pytest.fixture
def failing(
    lab: Path, factory: Factory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    """A project whose third layer does not pass its check."""

    def check(_project: object, layer: str, *_: object) -> list[str]:
        if layer == "hooks":
            raise adoption.LayerError("a hook fails")
        return []

    monkeypatch.setattr(adoption, "_check", check)
    monkeypatch.setattr(adoption, "prepare", lambda *_: None)
    assert run(lab, factory, "--yes") == 1
    return lab


def test_a_layer_that_fails_its_check_leaves_no_trace(failing: Path) -> None:
    assert git(failing, "status", "--porcelain") == ""


def test_the_layers_before_a_failed_one_stay(failing: Path) -> None:
    assert git(failing, "log", "--format=%s").splitlines()[0] == (
        "Adopt the layer tools of the template"
    )


def test_a_commit_that_fails_leaves_no_trace(
    lab: Path, factory: Factory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    git(lab, "config", "commit.gpgSign", "true")
    git(lab, "config", "gpg.program", "false")
    run(lab, factory, "--yes", "--no-checks")
    assert git(lab, "status", "--porcelain") == ""


def test_names_that_text_cannot_hold_are_excluded_from_the_hooks(
    lab: Path, factory: Factory
) -> None:
    names = [b"caf\xe9.csv", b"two\nlines", b" # lead", b"a[1]+.txt"]
    for name in names:
        (lab / os.fsdecode(name)).write_text("mine  \n", encoding="utf-8")
    commit(lab, "Names")
    run(lab, factory, "--yes", "--no-checks")
    config = yaml.safe_load((lab / "tools/pre-commit.yaml").read_text(encoding="utf-8"))
    excluded = re.compile(config["repos"][0]["hooks"][0]["exclude"])
    assert [name for name in names if not excluded.search(os.fsdecode(name))] == []


def test_hooks_that_git_has_are_not_replaced(adopted: Path) -> None:
    (adopted / ".git" / "hooks" / "pre-push").write_text("#!/bin/sh\n", encoding="utf-8")
    command = [sys.executable, "-m", "nox", "-f", "noxfile_hangar.py", "-s", "hooks"]
    subprocess.run(command, cwd=adopted, check=False, capture_output=True)
    assert git(adopted, "config", "--default=", "core.hooksPath").strip() == ""


def test_cruft_knows_the_project(all_layers: Path) -> None:
    assert "out of date" in cruft(all_layers, "check").stdout


@pytest.fixture
def updated(adopted: Path) -> subprocess.CompletedProcess[str]:
    """The next update of an adopted project."""
    return update(adopted)


def test_the_next_update_succeeds(updated: subprocess.CompletedProcess[str]) -> None:
    assert updated.returncode == 0, updated.stderr


def test_the_next_update_changes_what_was_taken_alone(
    updated: subprocess.CompletedProcess[str], adopted: Path
) -> None:
    changed = git(adopted, "diff", "--cached", "--no-renames", "--name-only").split()
    assert [name for name in changed if not name.startswith("tools/")] == [".cruft.json"]


def test_a_project_made_from_the_template_is_refused(factory: Factory, tmp_path: Path) -> None:
    assert run(factory.project(tmp_path / "project", "v1.0.0"), factory) == 2


def test_a_project_made_from_the_template_names_it(all_layers: Path, factory: Factory) -> None:
    assert adoption.find_template(all_layers) == str(factory.template)
