"""A new project's own tests keep what its bench promises of them."""

from bench.contracts.suites import look
from tests.conftest import Render


def test_set_up_is_hardly_repeated(render: Render) -> None:
    suite = look(render({"ml_pipeline": True}))
    assert suite.repeated / suite.statements <= 0.1
