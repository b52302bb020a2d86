"""Whose a file is, as cruft reads the same patterns."""

from pathlib import Path

import pytest

from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.ownership import Manifest, covers, read_manifest

TREE = ("README.md", "data/a.csv", "data/deep/b.csv", "docs/index.md", "docs/more/c.md", "x.lock")
PATTERNS = ("README.md", "data", "data/*", "data/**", "data/**/*.csv", "docs/*.md", "*.lock", "no")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_mean_what_they_mean_to_cruft(tmp_path: Path, pattern: str) -> None:
    from cruft._commands.utils.generate import _remove_paths

    for name in TREE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    _remove_paths(tmp_path, {pattern if "*" in pattern else Path(pattern)})
    removed = {name for name in TREE if not (tmp_path / name).exists()}
    assert {name for name in TREE if covers(pattern, name)} == removed


MANIFEST = Manifest(frozenset({"data/*"}), frozenset({"Dockerfile"}))


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("data/a.csv", "you"),
        ("Dockerfile", "shared"),
        ("tools/x.py", "template"),
        ("d", "template"),
    ],
)
def test_owner(path: str, owner: str) -> None:
    assert MANIFEST.owner(path) == owner


@pytest.mark.parametrize(
    ("mine", "base", "theirs", "after"),
    [
        ("a b", "a", "a", "a b"),
        ("a", "a", "a c", "a c"),
        ("a b", "a", "c", "b c"),
        ("", "a", "a", ""),
    ],
)
def test_the_manifest_itself_is_merged(mine: str, base: str, theirs: str, after: str) -> None:
    one, two, three, four = (
        Manifest(frozenset(names.split()), frozenset()) for names in (mine, base, theirs, after)
    )
    assert one.merged(two, three) == four


def test_a_renamed_package_is_the_users_by_its_old_name_too() -> None:
    mine, base = (Manifest(frozenset({f"src/{name}/*"}), frozenset()) for name in ("new", "old"))
    assert mine.before(base).owner("src/old/cli.py") == "you"


@pytest.mark.parametrize(
    "text",
    ["[broken", '[tool.cruft]\nskip = "README.md"', "[tool.hangar]\nshared = [1]", "tool = 3"],
)
def test_a_manifest_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UpdateError, match=r"pyproject\.toml"):
        read_manifest(text, "pyproject.toml")
