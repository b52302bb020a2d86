"""The reader of dotenv files."""

import pytest

from hangar_devkit.dotenv import expand, parse


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("A=1", {"A": "1"}),
        ("A = 1\r\nB=2", {"A": "1", "B": "2"}),
        ("export A='x y'", {"A": "x y"}),
        ('A="x # y" # z', {"A": "x # y"}),
        ("A=x # z", {"A": "x"}),
        ("A=x#z", {"A": "x#z"}),
        ("A=# z", {"A": ""}),
        ("# A=1\n\nB=", {"B": ""}),
        ("A=1\nA=2", {"A": "2"}),
        ('A="one\ntwo"\nB=3', {"A": "one\ntwo", "B": "3"}),
        ("A='never closed\nB=3", {"A": "never closed\nB=3"}),
        ("A=b=c", {"A": "b=c"}),
        ("two words=1", {}),
        ("no line", {}),
        ("=1", {}),
    ],
)
def test_variables_are_read(text: str, values: dict[str, str]) -> None:
    assert parse(text) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("A=1\nB=${A}/x", {"A": "1", "B": "1/x"}),
        ("B=${SET}", {"B": "here"}),
        ("SET=file\nB=${SET}", {"SET": "file", "B": "here"}),
        ("B=${NONE}", {"B": ""}),
        ("B=${NONE:-x}", {"B": "x"}),
        ("B=${NONE-x}", {"B": "x"}),
        ("B=a$b", {"B": "a$b"}),
    ],
)
def test_references_are_expanded(text: str, values: dict[str, str]) -> None:
    assert expand(parse(text), {"SET": "here"}) == values
