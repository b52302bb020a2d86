"""Sound tests, without which the brittle ones fail."""

from shop import state


def test_plugin():
    state.plugins["yes"] = "ja"
    assert state.translate("yes") == "ja"


def test_login():
    state.session["user"] = "kim"
    assert state.session


def test_role():
    state.session["role"] = "admin"
    assert "role" in state.session


def test_other_plugin():
    state.plugins["no"] = "nein"
    assert state.translate("no") == "nein"
