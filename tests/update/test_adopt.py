"""`hangar adopt` adds layers to an existing project, and only with --yes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from hangar_devkit.adopt import adoption, cli
from hangar_devkit.adopt.layers import LAYERS
from hangar_devkit.adopt.widen import widen
from hangar_devkit.update import cli as update_cli
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
PLACE = "libs/it's"  # of a project in a subdirectory
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


def run_hook(adopted: Path, calls: str) -> str:
    """Let git's own hook call that of the project, whose pre-commit is a stand-in; commit."""
    top = git(adopted, "rev-parse", "--show-toplevel").strip()
    hook = Path(top, ".git/hooks/pre-commit")
    program = adopted / ".nox/hangar-tools/bin/pre-commit"
    program.parent.mkdir(parents=True)
    (adopted / ".nox/.gitignore").write_text("*\n", encoding="utf-8")
    program.write_text("#!/bin/sh\necho run on; git ls-files new; pwd\n", encoding="utf-8")
    hook.write_text(f"#!/bin/sh\n{calls}\n", encoding="utf-8")
    for path in (program, hook):
        path.chmod(0o755)
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-m", "x"]
    done = subprocess.run(
        command, cwd=adopted, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stderr


def test_the_hook_that_git_has_may_call_ours(adopted: Path) -> None:
    (adopted / "new").write_text("", encoding="utf-8")
    git(adopted, "add", "new")
    assert run_hook(adopted, "tools/hooks/pre-commit || exit").splitlines()[:2] == ["run on", "new"]


@pytest.fixture(scope="module")
def all_layers_inside(tmp_path_factory: pytest.TempPathFactory, factory: Factory) -> Path:
    """A project in a subdirectory of a repository, with every layer, unchecked. Read it only."""
    top = tmp_path_factory.mktemp("larger") / "top"
    root = top / PLACE
    make_lab(root)
    shutil.rmtree(root / ".git")
    (top / "other.py").write_text("X = 1\n", encoding="utf-8")
    (top / ".gitignore").write_text("*.junk\n", encoding="utf-8")
    git(top, "init", "--quiet", "--initial-branch=main")
    commit(top, "Start")
    assert run(root, factory, "--yes", "--no-checks") == 0
    return root


@pytest.fixture
def inside(all_layers_inside: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    top = git(all_layers_inside, "rev-parse", "--show-toplevel").strip()
    git(tmp_path, "clone", "--quiet", top, "copy")
    return tmp_path / "copy" / PLACE


def test_a_workflow_of_a_subdirectory_is_at_the_top(all_layers_inside: Path) -> None:
    changed = git(all_layers_inside, "show", "--name-only", "--format=", "HEAD").split()
    assert changed == [".github/workflows/hangar-libs--it-s.yml"]


def test_a_workflow_of_a_subdirectory_runs_there(all_layers_inside: Path) -> None:
    text = git(all_layers_inside, "show", "HEAD:.github/workflows/hangar-libs--it-s.yml")
    job = yaml.safe_load(text)["jobs"]["hangar"]
    assert job["defaults"]["run"]["working-directory"] == PLACE


def test_nothing_else_of_the_larger_repository_changes(all_layers_inside: Path) -> None:
    first = git(all_layers_inside, "rev-list", "--max-parents=0", "HEAD").strip()
    changed = git(all_layers_inside, "diff", "--name-only", "-z", first).split("\0")
    others = [name for name in changed if name and not name.startswith((f"{PLACE}/", ".github/"))]
    assert others == []


def test_a_second_run_in_a_subdirectory_adds_nothing(
    all_layers_inside: Path, factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    run(all_layers_inside, factory, "--yes")
    assert "Every layer is there already." in capsys.readouterr().out


def test_layers_in_a_subdirectory_are_undone(inside: Path) -> None:
    first = git(inside, "rev-list", "--max-parents=0", "HEAD").strip()
    for one in git(inside, "rev-list", f"{first}..HEAD").split():
        git(inside, "revert", "--no-edit", one)
    assert git(inside, "diff", "--name-only", first) == ""


def test_a_failed_layer_at_the_top_leaves_no_trace(
    inside: Path, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(inside, "revert", "--no-edit", "HEAD")
    git(inside, "config", "commit.gpgSign", "true")
    git(inside, "config", "gpg.program", "false")
    run(inside, factory, "--yes", "--no-checks")
    assert not (inside.parents[1] / ".github").exists()


def test_the_hook_of_a_subdirectory_sees_the_project_alone(inside: Path) -> None:
    (inside / "new").write_text("", encoding="utf-8")
    (inside.parents[1] / "new").write_text("", encoding="utf-8")
    git(inside.parents[1], "add", "--all")
    output = run_hook(inside, f'"{PLACE}/tools/hooks/pre-commit" || exit')
    assert output.splitlines() == ["run on", "new", str(inside)]


def test_the_hook_of_a_subdirectory_leaves_other_commits_alone(inside: Path) -> None:
    (inside.parents[1] / "new").write_text("", encoding="utf-8")
    git(inside.parents[1], "add", "--all")
    assert run_hook(inside, f'"{PLACE}/tools/hooks/pre-commit" || exit') == ""


def test_widen_shows_a_subdirectory_as_a_project_of_its_own(inside: Path) -> None:
    program = inside / ".nox/hangar-tools/bin/pre-commit"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho head; ls pyproject.toml; exit 1\n", encoding="utf-8")
    program.chmod(0o755)
    assert "text: finds something, 1 line, such as: pyproject.toml" in widen(inside)


def test_the_next_update_in_a_subdirectory_succeeds(inside: Path) -> None:
    assert update(inside).returncode == 0


@pytest.fixture
def on_gitlab(lab: Path, factory: Factory) -> Path:
    """A project whose layers before `ci` were added with an answer."""
    assert run(lab, factory, "--yes", "--no-checks", "--layer=docs", "--answer=ci=gitlab") == 0
    return lab


def test_a_later_run_takes_the_answers_of_the_first(
    on_gitlab: Path, factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    run(on_gitlab, factory)
    assert "Layer ci adds:\n  tools/ci/hangar.gitlab-ci.yml" in capsys.readouterr().out


def test_without_a_ci_service_there_is_no_layer_for_it(
    lab: Path, factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    run(lab, factory, "--answer=ci=none")
    assert "Layer ci" not in capsys.readouterr().out


def test_an_answer_that_the_template_does_not_ask_for_is_refused(
    lab: Path, factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    run(lab, factory, "--answer=colour=red")
    assert "does not ask for colour" in capsys.readouterr().err


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


def in_project(root: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.chdir(root)
    return update_cli.main(["--no-checks", *arguments])


def test_an_adopted_project_has_no_drift(
    all_layers: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert in_project(all_layers, monkeypatch, "--drift") == 0


def test_an_edit_of_what_was_taken_is_drift(
    adopted: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (adopted / "tools/ruff.toml").write_text("", encoding="utf-8")
    in_project(adopted, monkeypatch, "--drift")
    assert "edited:\n  tools/ruff.toml\n\n" in capsys.readouterr().out


def test_an_update_brings_a_lost_wheel_back(
    adopted: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (wheel,) = adopted.glob("tools/*.whl")
    wheel.unlink()
    commit(adopted, "Lose the wheel")
    in_project(adopted, monkeypatch, "--to", "v1.0.0")
    assert wheel.exists()


def test_a_project_made_from_the_template_is_refused(factory: Factory, tmp_path: Path) -> None:
    assert run(factory.project(tmp_path / "project", "v1.0.0"), factory) == 2


def test_a_project_made_from_the_template_names_it(all_layers: Path, factory: Factory) -> None:
    assert adoption.find_template(all_layers) == str(factory.template)
