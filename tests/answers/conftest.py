"""A place to generate in, where any trace of a refused project would be seen."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cookiecutter.exceptions import FailedHookException, UndefinedVariableInTemplate
from jinja2 import TemplateError

from tests.support.render import by_api, by_cruft_api
from tests.support.template import Answers

ENGINES = {"cookiecutter": by_api, "cruft": by_cruft_api}
Refusal = Callable[..., str]
# The hook, or the engine where it takes a text for a template (jinja2 raises TypeError, too).
REFUSALS = (FailedHookException, TemplateError, TypeError, UndefinedVariableInTemplate)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An output directory deep in a tree with neighbours that are not ours to change."""
    place = tmp_path / "deep" / "er" / "out"
    place.mkdir(parents=True)
    for directory in (tmp_path, tmp_path / "deep", tmp_path / "deep" / "er"):
        (directory / "evil").mkdir()
        (directory / "evil" / "kept").touch()
    return place


@pytest.fixture
def refusal(
    template: Path, tmp_path: Path, out: Path, capfd: pytest.CaptureFixture[str]
) -> Refusal:
    """Give answers that must be refused and leave no trace; give back what the hook says."""

    def refuse(answers: Answers, engine: str = "cookiecutter") -> str:
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(REFUSALS):
            ENGINES[engine](template, out, answers)
        assert sorted(tmp_path.rglob("*")) == before
        return capfd.readouterr().err

    return refuse
