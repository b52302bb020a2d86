"""A directory to generate projects in, where any trace of a refused project is noticed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cookiecutter.exceptions import FailedHookException, UndefinedVariableInTemplate
from jinja2 import TemplateError

from tests.support.render import by_api
from tests.support.template import Answers

Refusal = Callable[..., str]
# Errors of the hook, and of an engine that renders the text (jinja2 also raises TypeError).
REFUSALS = (FailedHookException, TemplateError, TypeError, UndefinedVariableInTemplate)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An output directory deep in a tree, next to directories that must not change."""
    output = tmp_path / "deep" / "er" / "out"
    output.mkdir(parents=True)
    for directory in (tmp_path, tmp_path / "deep", tmp_path / "deep" / "er"):
        (directory / "evil").mkdir()
        (directory / "evil" / "kept").touch()
    return output


@pytest.fixture
def refusal(
    template: Path, tmp_path: Path, out: Path, capfd: pytest.CaptureFixture[str]
) -> Refusal:
    """A function that checks that answers are refused without a trace, and returns the message."""

    def refuse(answers: Answers) -> str:
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(REFUSALS):
            by_api(template, out, answers)
        assert sorted(tmp_path.rglob("*")) == before
        return capfd.readouterr().err

    return refuse
