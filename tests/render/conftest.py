"""Combinations of options in which every two values meet, rendered once."""

from pathlib import Path

import pytest

from tests.conftest import Render
from tests.support.pairwise import pairwise
from tests.support.template import Answers, combinations, label


@pytest.fixture(params=pairwise(combinations()), ids=label)
def answers(request: pytest.FixtureRequest) -> Answers:
    """One combination of options."""
    chosen: Answers = request.param
    return chosen


@pytest.fixture
def project(render: Render, answers: Answers) -> Path:
    """The project of one combination."""
    return render(answers)
