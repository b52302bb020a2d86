"""Order: these fail when a test that leaves something behind ran before."""

import decimal

from shop import state


def test_currency():
    assert state.settings["currency"] == "EUR"


def test_rounding():
    assert state.settings["rounding"] == 2


def test_basket():
    assert state.basket == []


def test_first_number():
    assert state.Counter.last == 0


def test_precision():
    assert decimal.Decimal(1) / 3 == decimal.Decimal("0.3333333333333333333333333333")
