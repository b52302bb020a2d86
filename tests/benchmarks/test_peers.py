"""A peer is given by a path or an address, and written so that others can use it."""

import subprocess
from pathlib import Path

import pytest

from benchmarks.framework.commands import CommandFailed
from benchmarks.framework.peers import Peer, version


@pytest.mark.parametrize(
    ("argument", "name", "written"),
    [
        ("/some/where/", "where", "where=PATH-OR-URL"),
        ("a/b=/some/where", "a/b", "a/b=PATH-OR-URL"),
        ("gh:a/b=/some/where", "a/b", "gh:a/b"),
        ("gh:a/b", "a/b", "gh:a/b"),
        ("c=gh:a/b", "c", "c=gh:a/b"),
        ("pypi:a-b==1.0", "a-b==1.0", "pypi:a-b==1.0"),
        ("https://example.com/a/b", "a/b", "https://example.com/a/b"),
        ("https://example.com/a/b?c=d", "a/b?c=d", "https://example.com/a/b?c=d"),
        ("file:///some/where", "some/where", "some/where=PATH-OR-URL"),
    ],
)
class TestArgument:
    """What is parsed from an argument, and written into the command of a report."""

    def test_name(self, argument: str, name: str, written: str) -> None:
        assert Peer.parse(argument).name == name

    def test_command_has_no_paths(self, argument: str, name: str, written: str) -> None:
        assert Peer.parse(argument).argument == written


def test_a_directory_without_a_template_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="not a Cookiecutter template"):
        Peer.parse(str(tmp_path)).fetch(tmp_path)


def test_an_address_without_a_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="nowhere"):
        Peer.parse(f"file://{tmp_path}/nowhere").fetch(tmp_path / "place")


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A repository with a template."""
    root = tmp_path / "template"
    root.mkdir()
    (root / "cookiecutter.json").write_text("{}", encoding="utf-8")
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "Start")):
        subprocess.run(["git", *words], cwd=root, check=True)
    return root


def test_a_peer_is_cloned(template: Path, tmp_path: Path) -> None:
    found = Peer.parse(f"file://{template}").fetch(tmp_path / "place")
    assert (found / "cookiecutter.json").is_file()


def test_a_peer_has_the_version_of_its_commit(template: Path) -> None:
    command = ["git", "rev-parse", "HEAD"]
    done = subprocess.run(command, cwd=template, check=True, capture_output=True, text=True)
    assert done.stdout.startswith(version(template))


def test_a_peer_without_a_repository_has_the_version_of_its_name(tmp_path: Path) -> None:
    assert version(tmp_path) == tmp_path.name
