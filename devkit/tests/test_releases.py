"""Releases of a repository: version tags that are merged, and what a version announces."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hangar_devkit.releases import ReleaseError, Version, announces_break, newest, parse

Git = Callable[..., None]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Run git in a repository `repository` with one commit."""
    root = tmp_path / "repository"
    root.mkdir()

    def run(*args: str) -> None:
        subprocess.run(["git", *args], cwd=root, check=True, capture_output=True)

    run("init", "--quiet")
    run("commit", "--quiet", "--allow-empty", "--message=first")
    return run


@pytest.fixture
def repository(git: Git, tmp_path: Path) -> Path:
    """The repository of `git`."""
    return tmp_path / "repository"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("1.2.3", (1, 2, 3)),
        ("v1.2.3", (1, 2, 3)),
        ("24.1", (24, 1, 0)),
        ("v1.2.3rc1", None),
        ("1", None),
        ("version-1.2.3", None),
    ],
)
def test_version_is_read(text: str, version: Version | None) -> None:
    assert parse(text) == version


@pytest.mark.parametrize(
    ("tags", "tag"),
    [
        (["v0.9.0", "v0.10.0"], "v0.10.0"),
        (["1.0.0", "v0.10.0"], "1.0.0"),
        (["v1.0.0", "v1.1.0rc1", "latest"], "v1.0.0"),
        (["24.1", "24.0"], "24.1"),
    ],
)
def test_newest_is_by_version(git: Git, repository: Path, tags: list[str], tag: str) -> None:
    for each in tags:
        git("tag", each)
    release = newest(repository)
    assert release is not None
    assert release.tag == tag


def test_tag_of_another_branch_does_not_count(git: Git, repository: Path) -> None:
    git("tag", "1.0.0")
    git("switch", "--quiet", "--create", "next")
    git("commit", "--quiet", "--allow-empty", "--message=second")
    git("tag", "v2.0.0")
    git("switch", "--quiet", "-")
    release = newest(repository)
    assert release is not None
    assert release.tag == "1.0.0"


@pytest.mark.usefixtures("git")
def test_repository_without_a_release(repository: Path) -> None:
    assert newest(repository) is None


def test_repository_without_a_commit(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    assert newest(tmp_path) is None


def test_directory_without_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert newest(tmp_path) is None


def test_shallow_clone_without_tags_cannot_compare(
    git: Git, repository: Path, tmp_path: Path
) -> None:
    git("tag", "v1.0.0")
    git("commit", "--quiet", "--allow-empty", "--message=second")
    git("clone", "--quiet", "--depth=1", repository.as_uri(), str(tmp_path / "shallow"))
    with pytest.raises(ReleaseError, match=r"could not compare .* --unshallow"):
        newest(tmp_path / "shallow")


def test_broken_repository_is_not_one_without_releases(repository: Path) -> None:
    (repository / ".git" / "config").write_text("[core\n")
    with pytest.raises(ReleaseError, match="could not compare with a release: git: fatal"):
        newest(repository)


def test_missing_git_is_not_a_repository_without_releases(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ReleaseError, match="git is not installed"):
        newest(repository)


@pytest.mark.parametrize(
    ("before", "after", "announces"),
    [
        ((0, 3, 1), "0.3.2", False),
        ((0, 3, 1), "0.4.0", True),
        ((0, 3, 1), "0.4.0.dev1", True),
        ((0, 9, 0), "1.0.0", True),
        ((1, 2, 3), "1.3.0", False),
        ((1, 2, 3), "2.0.0", True),
        ((1, 2, 3), "2", True),
        ((1, 2, 0), "1.2", False),
        ((1, 2, 3), "soon", False),
        ((2, 0, 0), "1.9.9", False),
    ],
)
def test_version_announces_a_break(before: Version, after: str, *, announces: bool) -> None:
    assert announces_break(before, after) is announces
