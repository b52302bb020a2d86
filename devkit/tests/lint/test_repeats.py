"""TL004 and TL005: the same function in two places, and functions that are only alike."""

import pytest

from .conftest import Codes

BUILD = '''
def build_autoencoder(width, depth):
    """Build it."""
    layers = []
    for level in range(depth):
        layers.append(Dense(width // (level + 1), activation="relu"))
    model = Sequential(layers)
    model.compile(loss="mse", optimizer="adam")
    return model
'''
RENAMED = BUILD.replace("layers", "parts").replace('"""Build it."""', "")
ANNOTATED = BUILD.replace("(width, depth)", "(width: int, depth: int = 3) -> Model")
DRIFTED = BUILD.replace('optimizer="adam"', 'optimizer="adam", metrics=["mae"]')
OTHER_LITERALS = BUILD.replace("relu", "tanh")
OTHER = BUILD.replace("layers.append", "print").replace("Sequential(layers)", "read(depth)")
DIFFERENT = """
def build_autoencoder(path):
    with path.open() as file:
        text = file.read()
    head, _, tail = text.partition("\\n")
    return {"head": head.split(","), "rows": [row.split(",") for row in tail.splitlines()]}
"""


@pytest.mark.parametrize(
    "again",
    [BUILD, RENAMED, ANNOTATED, DRIFTED, OTHER_LITERALS, BUILD.replace("build_", "make_")],
    ids=["copied", "renamed", "annotated", "drifted", "literals", "other name"],
)
def test_copy_is_found(codes: Codes, again: str) -> None:
    assert codes(BUILD, again, name="src/package/part_{}.py") == ["TL005"]


@pytest.mark.parametrize("other", [DIFFERENT, "def build_autoencoder(a):\n    return a + 1\n"])
def test_other_function_of_the_name_is_fine(codes: Codes, other: str) -> None:
    assert codes(BUILD, other, name="src/package/part_{}.py") == []


def test_small_functions_may_be_alike(codes: Codes) -> None:
    small = "def area(a, b):\n    return a * b\n"
    assert codes(small, small, name="src/package/part_{}.py") == []


def test_fixture_defined_again_is_found(codes: Codes) -> None:
    fixture = "@pytest.fixture" + BUILD
    assert codes(fixture, fixture) == ["TL004"]


def test_each_copy_is_reported_once(codes: Codes) -> None:
    assert codes(BUILD, BUILD, BUILD, name="src/package/part_{}.py") == ["TL005", "TL005"]
