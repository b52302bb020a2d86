"""Combinations that cover every pair of options are green from the first command on."""

import pytest

from tests.answers.corpus import KEPT
from tests.green.conftest import Start, nox
from tests.support.pairwise import all_pairs, pairs, pairwise
from tests.support.template import Answers, combinations, git, label

ROWS = pairwise(combinations())
# Texts and names at their limits, one to a row: what is built from them must be green, too.
PROSE = [
    *("apostrophe", "double-quote", "backslash-last", "comma", "colon", "hash-first", "bang-first"),
    *("markup", "rtl", "emoji-joined", "null", "percent", "chinese", "address", "dollar", "eighty"),
]
NAMES = ["a", "x" * 50, "zebra", "a1"]


def answers(number: int, row: Answers) -> Answers:
    """Add to a combination a text and a name from the edges of what is kept."""
    text = KEPT[PROSE[number % len(PROSE)]]
    name = NAMES[number % len(NAMES)]
    return {**row, "project_name": text, "description": text, "author_name": text} | {
        "project_slug": name
    }


def test_every_pair_is_tried() -> None:
    assert all_pairs(ROWS) == all_pairs(combinations())


def test_no_row_is_idle() -> None:
    rest = [all_pairs(ROWS[:number]) for number in range(len(ROWS))]
    assert all(pairs(row) - seen for row, seen in zip(ROWS, rest, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(ROWS)), ids=lambda number: label(ROWS[number]))
def test_first_nox_is_green_and_changes_nothing(start: Start, number: int) -> None:
    place = start(answers(number, ROWS[number]))
    done = nox(place)
    changed = [line[3:] for line in git(place, "status", "--porcelain").splitlines()]
    assert (done.code, changed) == (0, ["uv.lock"]), done.out + done.err
