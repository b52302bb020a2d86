"""Resource: these depend on the order in which a file system lists names."""

from shop import machine


def test_listing(tmp_path):
    names = machine.receipts(tmp_path)
    assert machine.by_listing(tmp_path) == names


def test_pattern(tmp_path):
    names = machine.receipts(tmp_path)
    assert machine.by_pattern(tmp_path) == names


def test_scan(tmp_path):
    names = machine.receipts(tmp_path, 3)
    assert machine.by_scan(tmp_path) == names[0]


def test_walk(tmp_path):
    names = machine.receipts(tmp_path)
    assert [path.name for path in machine.by_walk(tmp_path)] == names
