"""Two public projects go through all layers; `nox -s foreign -- adopt` tries twenty and more."""

from pathlib import Path

import pytest

from scripts.foreign import adopt

pytestmark = pytest.mark.slow

NAMES = ("idna", "python-slugify")  # small, with little in common


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return adopt.make_template(tmp_path_factory.mktemp("foreign") / "template")


@pytest.mark.parametrize("name", NAMES)
def test_a_public_project_is_green(name: str, template: Path, tmp_path: Path) -> None:
    (project,) = (each for each in adopt.PROJECTS if each.name == name)
    assert adopt.adopt(project, template, tmp_path).problems == []
