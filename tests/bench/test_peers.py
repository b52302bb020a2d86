"""A peer is given by a path or an address, and told so that others can give it again."""

import subprocess
from pathlib import Path

import pytest

from bench.commands import CommandFailed
from bench.peers import Peer, version


@pytest.mark.parametrize(
    ("given", "name", "told"),
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
def test_a_peer_is_told_without_paths(given: str, name: str, told: str) -> None:
    peer = Peer.read(given)
    assert (peer.name, peer.words) == (name, told)


def test_what_is_no_template_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="no Cookiecutter template"):
        Peer.read(str(tmp_path)).local(tmp_path)


def test_an_address_without_a_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="nowhere"):
        Peer.read(f"file://{tmp_path}/nowhere").local(tmp_path / "place")


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
    found = Peer.read(f"file://{template}").local(tmp_path / "place")
    assert (found / "cookiecutter.json").is_file()


def test_a_peer_has_the_version_of_its_commit(template: Path) -> None:
    command = ["git", "rev-parse", "HEAD"]
    done = subprocess.run(command, cwd=template, check=True, capture_output=True, text=True)
    assert done.stdout.startswith(version(template))


def test_a_peer_without_a_repository_has_the_version_of_its_name(tmp_path: Path) -> None:
    assert version(tmp_path) == tmp_path.name
