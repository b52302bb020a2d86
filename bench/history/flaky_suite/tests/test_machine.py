"""Resource: these need what other programs may have taken."""

from shop import machine


def test_port():
    machine.listen().close()


def test_warehouse():
    machine.ask().close()


def test_till():
    assert machine.lock() > 2


def test_many_files():
    assert machine.free() == 60
