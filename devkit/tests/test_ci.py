"""Detection of continuous integration."""

import pytest

from hangar_devkit.ci import in_ci


@pytest.mark.parametrize("value", ["true", "True", "1", "woodpecker"])
def test_ci_is_detected(value: str) -> None:
    assert in_ci({"CI": value})


@pytest.mark.parametrize("value", ["", "0", "false", "FALSE", "no", "off", " "])
def test_ci_is_switched_off(value: str) -> None:
    assert not in_ci({"CI": value})


def test_without_the_variable_it_is_not_ci() -> None:
    assert not in_ci({})
