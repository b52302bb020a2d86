"""TL001 and TL002: code that breaks the rule, and code that does not."""

import pytest

from .conftest import Codes

SEVERAL = {
    "two asserts": "def test_a():\n    assert x\n    assert y",
    "two asserts after raises": "def test_a():\n    with raises(E):\n        f()\n"
    "    assert x\n    assert y",
    "joined by and": "def test_a():\n    assert x.a == 1 and x.b == 2",
    "not one or the other": "def test_a():\n    assert not (x or y)",
    "several actions": "def test_a():\n    assert f(1)\n    g()\n    assert f(2)",
    "message on the last": "def test_a():\n    f()\n    assert x\n    assert y, 'why'",
    "two raises": "def test_a():\n    with raises(E):\n        f()\n"
    "    with raises(E):\n        g()",
    "mock and assert": "def test_a(m):\n    m.assert_called_once_with(1)\n    assert y",
    "numpy twice": "def test_a():\n    np.testing.assert_equal(a, b)\n    assert_allclose(c, d)",
    "in a branch": "def test_a():\n    assert x\n    if y:\n        assert z",
    "in a loop": "def test_a():\n    for i in x:\n        assert i\n    assert y",
    "in a with": "def test_a():\n    with open(f) as g:\n        assert g\n        assert h",
    "in a method": "class TestA:\n    def test_a(self):\n        assert x\n        assert y",
    "of unittest": "class A(TestCase):\n    def test_a(self):\n        self.assertTrue(x)\n"
    "        self.assertEqual(y, z)",
    "async": "async def test_a():\n    assert x\n    assert y",
}
ONE = {
    "one assert": "def test_a():\n    assert x == y",
    "error and its text": "def test_a():\n    with raises(E) as e:\n        f()\n"
    "    assert e.value.a",
    "state after raises": "def test_a():\n    with raises(E):\n        f()\n    assert x == y",
    "set-up with a message": "def test_a():\n    assert x, 'no data'\n    f()\n    assert y",
    "state before and after": "def test_a():\n    assert not p.exists()\n    f()\n"
    "    assert p.exists()",
    "member before and after": "def test_a():\n    assert x not in y\n    f(y)\n    assert x in y",
    "narrowed by and": "def test_a():\n    assert x is not None and x.y == 1",
    "guarded by and": "def test_a():\n    assert x and x.y == 1",
    "one of two": "def test_a():\n    assert x or y",
    "narrowed first": "def test_a():\n    assert x is not None\n    assert x.y == 1",
    "narrowed by type": "def test_a():\n    assert isinstance(x, A)\n    assert x.y == 1",
    "either branch": "def test_a():\n    if x:\n        assert y\n    else:\n        assert z",
    "each of a loop": "def test_a():\n    for i in x:\n        assert i.a\n",
    "helper with asserts": "def run():\n    assert x\n    return y\n"
    "def test_a():\n    assert run() == z",
    "callback with asserts": "def test_a():\n    def f():\n        assert x\n    assert g(f)",
    "not a test": "def helper():\n    assert x\n    assert y",
    "fixture named test": "@pytest.fixture\ndef test_data():\n    assert x\n    assert y",
}
NONE = {
    "only a call": "def test_a():\n    f()",
    "pass": "def test_a():\n    pass",
    "about a tuple": "def test_a():\n    assert (x, 'message')",
    "never fails": "def test_a():\n    x = f()\n    print(x)",
}
SOME = {
    "raises": "def test_a():\n    with pytest.raises(E):\n        f()",
    "explicit failure": "def test_a():\n    if x:\n        pytest.fail('no')",
    "helper that asserts": "def _same(a):\n    assert a\ndef test_a():\n    _same(x)",
    "helper of a helper": "def f(a):\n    assert a\ndef g(a):\n    f(a)\ndef test_a():\n    g(x)",
    "checked process": "def test_a():\n    subprocess.run(x, check=True)",
    "skipped": "@pytest.mark.skip\ndef test_a():\n    f()",
    "measured": "def test_a(benchmark):\n    benchmark(f)",
    "says that nothing is raised": "def test_a_does_not_raise():\n    f()",
    "docstring says so": 'def test_a():\n    """It does not crash."""\n    f()',
    "in a callback": "def test_a():\n    def f(x):\n        assert x\n    run(f)",
}


@pytest.mark.parametrize("text", SEVERAL.values(), ids=SEVERAL)
def test_several_facts_are_found(codes: Codes, text: str) -> None:
    assert codes(text) == ["TL001"]


@pytest.mark.parametrize("text", ONE.values(), ids=ONE)
def test_one_fact_is_fine(codes: Codes, text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_no_fact_is_found(codes: Codes, text: str) -> None:
    assert codes(text) == ["TL002"]


@pytest.mark.parametrize("text", SOME.values(), ids=SOME)
def test_some_fact_is_fine(codes: Codes, text: str) -> None:
    assert codes(text) == []


def test_helper_of_another_file_is_known(codes: Codes) -> None:
    assert codes("def same(a):\n    assert a", "def test_a():\n    same(x)") == []
