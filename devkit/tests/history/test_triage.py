"""The queue ranks what failed most in the latest runs, and its texts are escaped."""

import pytest

from hangar_devkit.history.analysis.triage import RECENT_RUNS, Item, rank
from hangar_devkit.history.output import formatting
from hangar_devkit.history.output.report import as_issue, as_markdown

RUNS = 2 * RECENT_RUNS
NEWEST = RUNS - 1


def item(name: str, broken: dict[int, int], tests: int = 1) -> Item:
    nodeids = tuple(f"test_a.py::test_{number}" for number in range(tests))
    return Item(name, "class", "ValueError in f", "new", broken, range(RUNS), "a.py", 3, nodeids)


def ranked(*items: Item) -> list[str]:
    return [entry.item.name for entry in rank(items, RUNS)]


def test_more_failures_come_first() -> None:
    assert ranked(item("few", {NEWEST: 1}), item("many", {NEWEST: 2})) == ["many", "few"]


def test_failures_before_the_latest_runs_do_not_count() -> None:
    assert ranked(item("old", {0: 9, NEWEST: 1}), item("new", {NEWEST: 2})) == ["new", "old"]


def test_an_item_without_recent_failures_is_not_ranked() -> None:
    assert ranked(item("old", {RUNS - RECENT_RUNS - 1: 9})) == []


def test_the_first_of_the_latest_runs_counts() -> None:
    assert ranked(item("old", {RUNS - RECENT_RUNS: 9})) == ["old"]


def test_with_as_many_failures_more_tests_come_first() -> None:
    narrow, wide = item("narrow", {NEWEST: 2}), item("wide", {NEWEST: 2}, tests=2)
    assert ranked(narrow, wide) == ["wide", "narrow"]


def test_with_as_many_tests_more_runs_come_first() -> None:
    once, twice = item("once", {NEWEST: 2}), item("twice", {NEWEST: 1, NEWEST - 1: 1})
    assert ranked(once, twice) == ["twice", "once"]


def test_the_reason_counts_the_latest_runs() -> None:
    (entry,) = rank([item("E", {0: 9, NEWEST: 3}, tests=2)], RUNS)
    assert formatting.reason(entry) == "3 failures in 1 of 30 runs, 2 tests, new"


ENTRY = {
    "rank": 1,
    "error_class": "E-1",
    "type": "class",
    "title": "ValueError in f: a|b `c` *d* _e_ [f](g) <h>",
    "failures": 3,
    "reason": "3 failures",
    "state": "new",
    "path": "a.py",
    "line": 3,
    "owners": ["@me"],
    "branches": ["main"],
    "first_bad_run": "0",
    "first_bad_commit": "",
    "suspects": [],
    "tests": ["test_a.py::test[`a|b`]"],
    "flakiness": "",
    "seed": "",
    "traceback": "trace",
}
ESCAPED = r"ValueError in f: a\|b \`c\` \*d\* \_e\_ \[f\](g) &lt;h&gt;"


def test_a_title_is_no_markup_in_the_table() -> None:
    assert ESCAPED in as_markdown([ENTRY])


def test_a_title_is_no_markup_in_an_issue() -> None:
    assert f"**{ESCAPED}**" in as_issue(ENTRY)[1]


def test_a_node_id_with_backticks_is_code_in_an_issue() -> None:
    assert "- `` test_a.py::test[`a|b`] ``" in as_issue(ENTRY)[1]


@pytest.mark.parametrize("mark", list("\\`*_[]|"))
def test_a_mark_is_an_entity_in_html_within_markdown(mark: str) -> None:
    assert formatting.html(f"a{mark}b") == f"a&#{ord(mark)};b"
