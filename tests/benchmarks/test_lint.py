"""The tests of a new project meet the target of their benchmark."""

from benchmarks.lint import analyze
from tests.conftest import Render


def test_set_up_is_hardly_repeated(render: Render) -> None:
    suite = analyze(render({"ml_pipeline": True}))
    assert suite.repeated / suite.statements <= 0.1
