"""Two public projects go through all layers; `nox -s foreign -- adopt` tries twenty and more."""

from dataclasses import replace
from pathlib import Path

import pytest

from scripts.foreign import adopt

pytestmark = pytest.mark.slow

# Small, with little in common; the second is in a subdirectory of a repository.
NAMES = {"idna": "", "python-slugify": "a lib/it's"}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return adopt.make_template(tmp_path_factory.mktemp("foreign") / "template")


@pytest.mark.parametrize("name", NAMES)
def test_a_public_project_is_green(name: str, template: Path, tmp_path: Path) -> None:
    (project,) = (each for each in adopt.PROJECTS if each.name == name)
    project = replace(project, inside=NAMES[name])
    assert adopt.adopt(project, template, tmp_path).problems == []
