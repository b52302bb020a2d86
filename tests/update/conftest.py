"""A template with releases, and projects made from them."""

import pytest

from tests.support.projects import Factory
from tests.support.series import build


@pytest.fixture(scope="session")
def factory(tmp_path_factory: pytest.TempPathFactory) -> Factory:
    directory = tmp_path_factory.mktemp("update")
    return Factory(build(directory / "template"), directory)
