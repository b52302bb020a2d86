"""The renderer's pins hold together, and agree with what the suite compares with."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

from hangar_devkit.update import render

PINS = dict(re.findall(r'"([a-z]+)==([^"]+)"', Path(render.__file__).read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", PINS)
def test_the_suite_compares_with_the_same_version(name: str) -> None:
    assert version(name) == PINS[name]
