"""Sound tests, after which the victims fail."""

import decimal

from shop import state


def test_dollars():
    state.settings["currency"] = "USD"
    assert state.settings["currency"] == "USD"


def test_cents():
    state.settings["rounding"] = 0
    assert state.settings["rounding"] == 0


def test_add():
    state.basket.append("tea")
    assert "tea" in state.basket


def test_add_more():
    state.basket.append("milk")
    assert "milk" in state.basket


def test_number():
    assert state.Counter.next() > 0


def test_short():
    decimal.getcontext().prec = 5
    assert decimal.getcontext().prec == 5
