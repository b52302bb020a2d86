"""Projects of recorded releases, and the working tree as the release after them."""

import tomllib
from pathlib import Path

import pytest

from hangar_devkit.update.releases import Release, parse
from tests.support.series import REPOSITORY, git
from tests.support.template import snapshot

_RECORDED = Path(__file__).with_name("releases.toml")
# Name and commit; a name that is not a tag is a commit after v0.1.0.
RELEASES: dict[str, str] = tomllib.loads(_RECORDED.read_text(encoding="utf-8"))
NEXT = "v999.0.0"


def build(directory: Path) -> Path:
    """Make the template's repository: its history, its tags, and the working tree as `NEXT`."""
    known = git(REPOSITORY, "rev-list", "--all").split()
    if not set(RELEASES.values()) <= set(known):
        pytest.skip("the clone lacks a release's commit; get it: git fetch --unshallow --tags")
    git(directory, "clone", "--quiet", "--no-tags", str(REPOSITORY), "template")
    template = directory / "template"
    now = snapshot(directory / "now")
    git(template, "fetch", "--quiet", str(now), "HEAD")
    tree = git(template, "rev-parse", "FETCH_HEAD^{tree}").strip()
    made = git(template, "commit-tree", tree, "-p", "HEAD", "-m", "next").strip()
    git(template, "reset", "--quiet", "--hard", made)
    for tag, commit in {**RELEASES, NEXT: made}.items():
        if parse(tag):
            git(template, "tag", tag, commit)
    return template


def release(template: Path, name: str) -> Release:
    """Return a recorded release, or `NEXT`."""
    commit = RELEASES.get(name) or git(template, "rev-parse", name).strip()
    return Release(parse(name) or (0, 1, 0), commit)
