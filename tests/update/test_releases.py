"""Real releases, by their recorded commits: a project of each becomes what the template is now."""

from pathlib import Path

import pytest

from scripts.converge import differences, questions_at, samples
from tests.support.layouts import NEXT, RELEASES, build, release

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("releases"))


@pytest.mark.parametrize("sample", ["defaults", "the other choices"])
@pytest.mark.parametrize("name", RELEASES)
def test_update_ends_at_a_fresh_project(template: Path, name: str, sample: str) -> None:
    old = release(template, name)
    given = samples(questions_at(template, old.commit))[sample]
    found = differences(template, old, release(template, NEXT), given, own=False)
    assert found == []
