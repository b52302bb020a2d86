"""Real releases, by their recorded commits: a project of each becomes what the template is now."""

import tomllib
from pathlib import Path

import pytest

from hangar_devkit.update.releases import Release, parse
from tasks.converge import differences, questions_at, samples
from tests.support.series import REPOSITORY, git
from tests.support.template import snapshot

pytestmark = pytest.mark.slow

RELEASES: dict[str, str] = tomllib.loads(
    (Path(__file__).parents[1] / "support" / "releases.toml").read_text(encoding="utf-8")
)
NEXT = Release((999, 0, 0), "")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template's history with its releases, and the working tree as the next one."""
    known = git(REPOSITORY, "rev-list", "--all").split()
    if not set(RELEASES.values()) <= set(known):
        pytest.skip("the clone lacks a release's commit; get it: git fetch --unshallow --tags")
    place = tmp_path_factory.mktemp("releases")
    git(place, "clone", "--quiet", "--no-tags", str(REPOSITORY), "template")
    template = place / "template"
    now = snapshot(place / "now")
    git(template, "fetch", "--quiet", str(now), "HEAD")
    tree = git(template, "rev-parse", "FETCH_HEAD^{tree}").strip()
    made = git(template, "commit-tree", tree, "-p", "HEAD", "-m", "next").strip()
    for tag, commit in {**RELEASES, NEXT.tag: made}.items():
        git(template, "tag", tag, commit)
    return template


@pytest.mark.parametrize("sample", ["defaults", "the other choices"])
@pytest.mark.parametrize("tag", RELEASES)
def test_update_ends_at_a_fresh_project(template: Path, tag: str, sample: str) -> None:
    version = parse(tag)
    assert version
    old = Release(version, RELEASES[tag])
    new = Release(NEXT.version, git(template, "rev-parse", NEXT.tag).strip())
    given = samples(questions_at(template, old.commit))[sample]
    assert differences(template, old, new, given) == []
