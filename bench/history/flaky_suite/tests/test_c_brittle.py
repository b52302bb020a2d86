"""Order: these pass only when another test has prepared the ground."""

from shop import state


def test_translation():
    assert state.translate("yes") == "ja"


def test_refusal():
    assert state.plugins.get("no") == "nein"


def test_user():
    assert state.session["user"] == "kim"


def test_role_of_user():
    assert state.session.get("role") == "admin"
