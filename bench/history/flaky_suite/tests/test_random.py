"""Random: these draw without a seed."""

from shop import chance


def test_discount():
    assert chance.discount() < 0.8


def test_winners():
    drawn = chance.winners(4)
    assert len(set(drawn)) == 4


def test_estimate():
    assert abs(chance.estimate() - 10) < 1


def test_voucher():
    assert not chance.voucher().startswith(("0", "1"))
