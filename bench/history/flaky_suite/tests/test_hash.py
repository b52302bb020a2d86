"""Random: these depend on the order of a set, which Python's hash seed decides."""

from shop import chance


def test_tags():
    assert chance.tags()[0] != "sale"


def test_label():
    assert chance.label({"red", "large"}) == "large, red"


def test_all_tags():
    assert chance.tags().index("new") < chance.tags().index("sale")


def test_first():
    assert next(iter({"ham", "eggs", "spam"})) != "ham"
