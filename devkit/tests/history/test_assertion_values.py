"""An assertion without a message says what it compared."""

import pytest

from hangar_devkit.history.recording.assertion_values import compared_values

from .suite import Suite

LONG = "x" * 300


@pytest.mark.parametrize(
    ("statement", "names", "text"),
    [
        ("assert a == b", {"a": 1, "b": 2}, "a = 1, b = 2"),
        ("assert found", {"found": []}, "found = []"),
        ("assert a == b, 'why'", {"a": 1, "b": 2, "why": 3}, "a = 1, b = 2"),
        ("assert len(a) == 2", {"a": "xyz"}, "a = 'xyz'"),
        ("assert shape.rows == rows", {"shape": (1,), "rows": 2}, "shape = (1,), rows = 2"),
        ("assert a.b == b", {"a": 1}, "a = 1"),
        ("assert True", {"a": 1}, ""),
        ("return a == b", {"a": 1, "b": 2}, ""),
        ("assert a == a", {"a": 1}, "a = 1"),
    ],
)
def test_the_names_of_an_assertion_are_shown(
    statement: str, names: dict[str, object], text: str
) -> None:
    assert compared_values(statement, names) == text


def test_a_late_difference_is_shown() -> None:
    shown = compared_values("assert a == b", {"a": f"{LONG}one", "b": f"{LONG}two"})
    assert shown == f"a = ...{'x' * 20}one', b = ...{'x' * 20}two'"


def test_a_long_value_is_cut() -> None:
    assert len(compared_values("assert a", {"a": LONG})) == len("a = ") + 200


def helped(suite: Suite, helper: str, test: str) -> str:
    """Return the message of a test that fails in a helper, which pytest does not explain."""
    suite.write("helper.py", helper)
    suite.write("test_it.py", f"from helper import *\ndef test_it(): {test}\n")
    suite.run("-p", "no:warnings")
    return str(suite.exported()[0]["message"])


SAME = "def same(a, b):\n    assert a == b\n"


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("same([1], [2])", "a = [1], b = [2]"),
        ("same(object(), 2)", "a = <object object at <address>>, b = 2"),
        ("same('password=hunter2222', 2)", "a = 'password=***', b = 2"),
        ("same(10 ** 10_000, 2)", ""),
    ],
    ids=["plain", "an address", "a secret", "no repr"],
)
def test_an_assertion_in_a_helper_says_what_it_compared_values(
    suite: Suite, test: str, message: str
) -> None:
    assert helped(suite, SAME, test) == message


def test_a_message_of_its_own_stays(suite: Suite) -> None:
    helper = "def same(a, b):\n    assert a == b, 'not the same'\n"
    assert helped(suite, helper, "same(1, 2)") == "not the same"


def test_another_exception_without_a_message_stays_without(suite: Suite) -> None:
    helper = "def same(a, b):\n    if a != b: raise ValueError\n"
    assert helped(suite, helper, "same(1, 2)") == ""
