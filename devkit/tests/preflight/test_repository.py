"""Repositories as git itself makes them: worktrees, submodules, subdirectories, every setting."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hangar_devkit.container import repository_options
from hangar_devkit.preflight.declaration import Declaration
from hangar_devkit.preflight.facts import Facts, repository
from hangar_devkit.preflight.fix import apply, compose_name
from hangar_devkit.preflight.machine import Machine
from hangar_devkit.preflight.run import Finding, run_checks

CONFIGURED = ".pre-commit-config.yaml"
WHO = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always")


def git(where: Path, *words: str) -> str:
    command = ["git", *WHO, *words]
    done = subprocess.run(command, cwd=where, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def check(project: Path, id: str, scope: str = "test", **environ: str) -> list[Finding]:
    machine = Machine(str(project), environ={"PATH": os.environ["PATH"], **environ})
    return run_checks(Declaration("pyproject.toml"), Facts(machine, (scope,)), only=(id,)).findings


def states(project: Path, id: str, scope: str = "test", **environ: str) -> list[str]:
    return [finding.state for finding in check(project, id, scope, **environ)]


@pytest.fixture(scope="module")
def main(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a linked worktree beside it, and a project in a subdirectory of both."""
    folder = tmp_path_factory.mktemp("repositories") / "main"
    folder.mkdir()
    git(folder, "init", "--quiet")
    git(folder, "config", "core.hooksPath", "tools/hooks")
    for path in (
        "tools/hooks/pre-commit",
        ".pre-commit-config.yaml",
        "app/a",
        "app/.pre-commit-config.yaml",
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("#!/bin/sh\n")
    (folder / "tools/hooks/pre-commit").chmod(0o755)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--no-verify", "--message=a")
    git(folder, "worktree", "add", "--quiet", "../tree")
    git(folder, "init", "--quiet", "../outer")
    git(folder.parent / "outer", "submodule", "--quiet", "add", str(folder), "libs/sub")
    return folder


@pytest.fixture
def tree(main: Path) -> Path:
    return main.parent / "tree"


@pytest.fixture
def submodule(main: Path) -> Path:
    return main.parent / "outer/libs/sub"


def test_a_worktree_has_the_settings_of_its_repository(main: Path, tree: Path) -> None:
    found = repository.repository(Machine(str(tree)))
    assert found == repository.Repository(
        str(tree), str(main / ".git"), f"{main}/.git/worktrees/tree"
    )


def test_the_hook_of_a_worktree_is_found(tree: Path) -> None:
    assert states(tree, "PF602") == ["ok"]


def test_a_project_in_a_subdirectory_has_the_hooks_of_its_repository(main: Path) -> None:
    assert [found.found for found in check(main / "app", "PF602")] == [
        "a part of a larger repository, whose hooks are its own"
    ]


def test_the_settings_of_a_submodule_are_found(submodule: Path) -> None:
    git(submodule, "config", "user.name", "b")
    found = repository.git_settings(Machine(str(submodule), environ={}))
    assert found["user.name"] == "b"


@pytest.mark.parametrize("id", ["PF601", "PF602", "PF603"])
def test_without_its_repository_nothing_of_git_is_called_good(tmp_path: Path, id: str) -> None:
    (tmp_path / ".git").write_text("gitdir: /nowhere/.git/worktrees/a\n")
    assert states(tmp_path, id) == ["unknown"]


@pytest.fixture
def fixed(main: Path, tmp_path: Path) -> Path:
    """A linked worktree with a dev container, after the fix."""
    other = tmp_path / "other"
    git(main, "worktree", "add", "--quiet", "--detach", str(other))
    (other / ".devcontainer").mkdir()
    machine = Machine(str(other))
    list(apply(check(other, "PF610", "host"), machine, dry_run=False))
    return other


def test_the_fix_names_the_repository_relatively(fixed: Path) -> None:
    named = (fixed / ".git").read_text().removeprefix("gitdir: ").strip()
    assert not Path(named).is_absolute()


def test_the_relative_name_leads_to_the_repository(main: Path, fixed: Path) -> None:
    assert git(fixed, "rev-parse", "--git-common-dir") == str(main / ".git")


# A file for each source of an identity, or variables; `{home}` is a directory of its own.
NAMED = "[user]\nname = a\nemail = a@example.com\n"
IDENTITIES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "user": ({".gitconfig": NAMED}, {}),
    "one line": ({".gitconfig": "[user] name = a\n[user] email = a@example.com\n"}, {}),
    "XDG": ({".config/git/config": NAMED}, {}),
    "another global file": ({"other": NAMED}, {"GIT_CONFIG_GLOBAL": "{home}/other"}),
    "another system file": ({"other": NAMED}, {"GIT_CONFIG_SYSTEM": "{home}/other"}),
    "include": ({".gitconfig": "[include]\npath = other\n", "other": NAMED}, {}),
    "include for a directory": (
        {".gitconfig": '[includeIf "gitdir:{home}/project/"]\npath = other\n', "other": NAMED},
        {},
    ),
    "author and committer": (
        {".gitconfig": "[author]\nname=a\nemail=a@b.c\n[committer]\nname=a\nemail=a@b.c\n"},
        {},
    ),
    "variables with settings": (
        {},
        {
            "GIT_CONFIG_COUNT": "2",
            "GIT_CONFIG_KEY_0": "user.name",
            "GIT_CONFIG_VALUE_0": "a",
            "GIT_CONFIG_KEY_1": "user.email",
            "GIT_CONFIG_VALUE_1": "a@example.com",
        },
    ),
    "variables for both roles": (
        {},
        {
            "GIT_AUTHOR_NAME": "a",
            "GIT_AUTHOR_EMAIL": "a@b.c",
            "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@b.c",
        },
    ),
    "address of the system": ({".gitconfig": "[user]\nname = a\n"}, {"EMAIL": "a@example.com"}),
}
ANONYMOUS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "nothing": ({}, {}),
    "only an author": ({}, {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.c"}),
    "a global file that is not read": (
        {".gitconfig": NAMED},
        {"GIT_CONFIG_GLOBAL": "/dev/null"},
    ),
    "include for another directory": (
        {".gitconfig": '[includeIf "gitdir:/elsewhere/"]\npath = other\n', "other": NAMED},
        {},
    ),
}


@pytest.fixture
def identified(tmp_path: Path) -> Callable[..., tuple[list[str], int]]:
    """Return the verdict on an arrangement, and what git itself makes of it."""

    def arrange(
        files: dict[str, str], variables: dict[str, str], *options: str
    ) -> tuple[list[str], int]:
        project = tmp_path / "project"
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("{home}", str(tmp_path)))
        environ = {
            name: value.replace("{home}", str(tmp_path)) for name, value in variables.items()
        }
        environ |= {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
        subprocess.run(["git", "init", "--quiet", str(project)], check=True, env=environ)
        commit = ["git", *options, "commit", "--quiet", "--allow-empty"]
        done = subprocess.run([*commit, "-m", "a"], cwd=project, env=environ, check=False)
        return states(project, "PF601", **environ), done.returncode

    return arrange


@pytest.mark.parametrize(("files", "variables"), IDENTITIES.values(), ids=IDENTITIES)
def test_an_identity_with_which_git_commits_is_found(
    identified: Callable[..., tuple[list[str], int]],
    files: dict[str, str],
    variables: dict[str, str],
) -> None:
    assert identified(files, variables) == (["ok"], 0)


@pytest.mark.parametrize(("files", "variables"), ANONYMOUS.values(), ids=ANONYMOUS)
def test_a_missing_identity_is_reported_where_git_refuses_to_commit(
    identified: Callable[..., tuple[list[str], int]],
    files: dict[str, str],
    variables: dict[str, str],
) -> None:
    assert identified(files, variables, "-c", "user.useConfigOnly=true") == (["warn"], 128)


def test_a_project_of_its_own_needs_no_mounts(main: Path) -> None:
    assert repository_options(str(main)) == []


def test_the_repository_of_a_worktree_is_mounted_where_it_is_named(main: Path, tree: Path) -> None:
    assert repository_options(str(tree)) == [f"--volume={main}/.git:{main}/.git:z"]


def test_the_larger_repository_is_mounted(main: Path) -> None:
    assert repository_options(str(main / "app")) == [
        f"--volume={main}:/repository:z",
        "--workdir=/repository/app",
        "--env=GIT_CONFIG_VALUE_0=/repository",
    ]


def test_a_submodule_is_mounted_with_what_contains_it(main: Path, submodule: Path) -> None:
    assert repository_options(str(submodule)) == [
        f"--volume={main.parent}/outer:/repository:z",
        "--workdir=/repository/libs/sub",
        "--env=GIT_CONFIG_VALUE_0=/repository",
    ]


def test_a_name_for_compose_is_of_one_place(tmp_path: Path) -> None:
    for name in ("a/App", "b/App"):
        (tmp_path / name).mkdir(parents=True)
    assert compose_name(str(tmp_path / "a/App")) != compose_name(str(tmp_path / "b/App"))


def test_a_name_for_compose_begins_with_that_of_the_directory(tmp_path: Path) -> None:
    (tmp_path / "My App").mkdir()
    assert compose_name(str(tmp_path / "My App")).startswith("myapp-")
