"""A release is checked in a scratch worktree, and only then committed and tagged."""

import zipfile
from pathlib import Path

import pytest

from hangar_devkit.release import cli
from hangar_devkit.release.build import import_names
from hangar_devkit.release.project import load

from .conftest import MODULE, commit, git

RELEASE = ["0.2.0", "--skip-audit"]


def _contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.glob("small*")}


@pytest.fixture
def here(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project, as the working directory."""
    monkeypatch.chdir(project)
    return project


def _broken(project: Path) -> None:
    """Give the project a command that fails."""
    source = project / "src/small_thing/__init__.py"
    source.write_text(MODULE.replace("argparse.A", "argparse.B"), encoding="utf-8")
    commit(project)


@pytest.mark.slow
def test_a_release_is_tagged(here: Path) -> None:
    cli.main(RELEASE)
    assert git(here, "tag") == "v0.2.0"


@pytest.mark.slow
def test_the_tag_has_the_version(here: Path) -> None:
    cli.main(RELEASE)
    git(here, "checkout", "--quiet", "v0.2.0")
    assert load(here).version == "0.2.0"


@pytest.mark.slow
def test_the_tree_is_clean_after_a_release(here: Path) -> None:
    cli.main(RELEASE)
    assert git(here, "status", "--porcelain") == ""


@pytest.mark.slow
def test_a_dry_run_changes_nothing(here: Path) -> None:
    before = git(here, "for-each-ref")
    cli.main([*RELEASE, "--dry-run"])
    assert git(here, "for-each-ref") == before


@pytest.mark.slow
def test_a_command_that_fails_is_not_released(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _broken(here)
    cli.main(RELEASE)
    assert "`small-thing --help` fails" in capsys.readouterr().err


@pytest.mark.slow
def test_a_failed_release_leaves_no_tag(here: Path) -> None:
    _broken(here)
    cli.main(RELEASE)
    assert git(here, "tag") == ""


@pytest.mark.slow
def test_a_failed_release_leaves_no_worktree(here: Path) -> None:
    _broken(here)
    cli.main(RELEASE)
    assert len(git(here, "worktree", "list").splitlines()) == 1


@pytest.mark.slow
def test_a_package_that_is_not_in_the_wheel_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "src/helpers").mkdir()
    (here / "src/helpers/__init__.py").touch()
    cli.build_main([])
    assert 'module-name = ["helpers", "small_thing"]' in capsys.readouterr().err


@pytest.mark.slow
def test_a_build_is_reproducible(here: Path) -> None:
    cli.build_main(["--output=one"])
    cli.build_main(["--output=two"])
    first, second = (
        {p.name: p.read_bytes() for p in (here / d).glob("s*")} for d in ("one", "two")
    )
    assert first == second


@pytest.mark.slow
def test_an_index_that_does_not_answer_is_named(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main([*RELEASE, "--dry-run", "--index=http://127.0.0.1:1/"])
    refusal = "the index http://127.0.0.1:1/ does not take the distributions"
    assert refusal in capsys.readouterr().err


def test_uncommitted_changes_are_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "new.txt").touch()
    cli.main(RELEASE)
    assert "not committed (new.txt)" in capsys.readouterr().err


def test_an_edited_file_is_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "CHANGELOG.md").write_text("edited\n", encoding="utf-8")
    cli.main(RELEASE)
    assert "not committed (CHANGELOG.md)" in capsys.readouterr().err


def test_a_tag_that_exists_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(here, "tag", "v0.2.0", git(here, "commit-tree", "HEAD^{tree}", "-m", "elsewhere"))
    cli.main(RELEASE)
    assert "the tag v0.2.0 exists already" in capsys.readouterr().err


def test_a_tag_of_the_remote_is_refused(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(here, "clone", "--quiet", "--bare", str(here), str(tmp_path / "origin"))
    git(tmp_path / "origin", "tag", "v0.2.0")
    git(here, "remote", "add", "origin", str(tmp_path / "origin"))
    cli.main(RELEASE)
    assert "origin has the tag v0.2.0 already" in capsys.readouterr().err


def test_a_detached_head_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(here, "checkout", "--quiet", "--detach")
    cli.main(RELEASE)
    assert "no branch is checked out" in capsys.readouterr().err


def test_a_directory_without_a_project_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    cli.main(RELEASE)
    assert "pyproject.toml: No such file or directory" in capsys.readouterr().err


@pytest.mark.usefixtures("here")
def test_a_tag_of_another_version_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    cli.build_main(["--tag=v9.9.9"])
    assert "the tag v9.9.9 is not that of version 0.1.0" in capsys.readouterr().err


def test_import_names_of_a_wheel(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.whl", "w") as archive:
        for name in ("one/__init__.py", "one/two/__init__.py", "three.py", "x.dist-info/METADATA"):
            archive.writestr(name, "")
    assert import_names(tmp_path / "x.whl") == ("one", "three")
