"""Rules for a whole table: order, groups, steps, gaps and keys."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime

from hangar_devkit.contracts.examples import table

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def rejected(edge: Any, rules: Any, rows: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Return number and rule of each row that a checker refuses."""
    checker = edge.load.TableRuleChecker(rules)
    decided = [each for at, row in enumerate(rows) for each in checker.check(at, row)]
    decided += checker.rest()
    return [(row, problems[0].rule) for row, problems in decided if problems]


def at(*minutes: float) -> list[dict[str, Any]]:
    return [{"at": NOON + timedelta(minutes=minute)} for minute in minutes]


def test_row_far_ahead_is_one_reject(edge: Any) -> None:
    rules = edge.TableRules(ordered="at")
    assert rejected(edge, rules, at(1, 2, 9_999_999, 3, 4, 5)) == [(2, "ordered")]


def test_row_behind_is_one_reject(edge: Any) -> None:
    assert rejected(edge, edge.TableRules(ordered="at"), at(1, 2, 0, 3, 4)) == [(2, "ordered")]


def test_last_row_far_behind_is_rejected(edge: Any) -> None:
    assert rejected(edge, edge.TableRules(ordered="at"), at(1, 2, 0)) == [(2, "ordered")]


def test_each_group_has_its_own_order(edge: Any) -> None:
    rules = edge.TableRules(ordered="n", per=("s",))
    rows = [{"s": s, "n": n} for s, n in [("a", 1), ("b", 9), ("a", 2), ("b", 8), ("a", 3)]]
    assert rejected(edge, rules, rows) == [(3, "ordered")]


def test_gap_is_one_reject(edge: Any) -> None:
    rules = edge.TableRules(ordered="at", gap=timedelta(minutes=5))
    assert rejected(edge, rules, at(0, 5, 11, 12, 13)) == [(2, "gap")]


def test_gaps_are_those_of_a_group(edge: Any) -> None:
    rules = edge.TableRules(ordered="n", per=("s",), gap=2)
    rows = [{"s": s, "n": n} for s, n in [("a", 1), ("b", 1), ("a", 3), ("b", 5)]]
    assert rejected(edge, rules, rows) == [(3, "gap")]


def test_row_off_the_step_is_one_reject(edge: Any) -> None:
    rules = edge.TableRules(ordered="at", every=timedelta(minutes=1))
    assert rejected(edge, rules, at(0, 1, 3, 3.5, 4.5)) == [(3, "every")]


def test_decimals_have_a_step_that_is_written_as_a_float(edge: Any) -> None:
    rules = edge.TableRules(ordered="n", every=0.1)
    rows = [{"n": Decimal(text)} for text in ("1.1", "1.4", "1.45")]
    assert rejected(edge, rules, rows) == [(2, "every")]


def test_key_is_unique_over_the_table_where_groups_are_no_part_of_it(edge: Any) -> None:
    rules = edge.TableRules(key=("n",), ordered="n", per=("s",))
    rows = [{"s": s, "n": n} for s, n in [("a", 1), ("b", 1)]]
    assert rejected(edge, rules, rows) == [(1, "key")]


def test_key_that_has_no_hash_rejects_its_row(edge: Any) -> None:
    rules = edge.TableRules(key=("v",))
    assert rejected(edge, rules, [{"v": [1]}, {"v": 1}]) == [(0, "comparable")]


def test_times_of_other_zones_are_compared(edge: Any) -> None:
    rules = edge.TableRules(ordered="at")
    moments = [{"at": NOON}, {"at": NOON.astimezone().replace(tzinfo=None)}, {"at": NOON}]
    assert rejected(edge, rules, moments) == [(1, "comparable")]


def test_rows_wait_for_their_group_within_limits(edge: Any) -> None:
    checker = edge.load.TableRuleChecker(edge.TableRules(ordered="n", per=("s",)))
    decided = [each for n in range(5000) for each in checker.check(n, {"s": n, "n": n})]
    assert len(decided) == 4000


@pytest.mark.parametrize("rules", [{"gap": 1}, {"every": 1}, {"per": ("a",)}])
def test_rule_without_an_order_is_refused(edge: Any, rules: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="need an ordered column"):
        type(
            "Wrong",
            (edge.Contract,),
            {"__annotations__": {"a": int}, "table": edge.TableRules(**rules)},
        )


@given(st.lists(st.integers(0, 9), max_size=12))
@settings(max_examples=200, deadline=None, database=None)
def test_what_is_accepted_is_in_order(edge: Any, numbers: list[int]) -> None:
    rules = edge.TableRules(ordered="n")
    refused = {row for row, _ in rejected(edge, rules, [{"n": n} for n in numbers])}
    accepted = [n for row, n in enumerate(numbers) if row not in refused]
    assert accepted == sorted(accepted)


@given(st.lists(st.integers(0, 9), max_size=12))
@settings(max_examples=100, deadline=None, database=None)
def test_text_and_value_give_one_verdict(edge: Any, numbers: list[int]) -> None:
    rows = at(*numbers)
    rules = edge.TableRules(key=("at",), ordered="at")
    checker = edge.load.TableRuleChecker(rules)
    texts = [row["at"].strftime("%Y-%m-%dT%H:%M:%SZ") for row in rows]
    decided = [
        each
        for number, (row, text) in enumerate(zip(rows, texts, strict=True))
        for each in checker.check(number, row, text)
    ]
    found = [(row, problems[0].rule) for row, problems in [*decided, *checker.rest()] if problems]
    assert found == rejected(edge, rules, rows)


RULES: list[dict[str, Any]] = [
    {"ordered": "n"},
    {"ordered": "n", "key": ("n",)},
    {"ordered": "n", "key": ("n", "s")},
    {"ordered": "n", "key": ("s",)},
    {"ordered": "n", "key": ("s", "t")},
    {"key": ("n",)},
    {"key": ("n", "s")},
    {"ordered": "n", "key": ("n", "s"), "per": ("s",)},
    {"ordered": "n", "gap": 2},
    {"least": 3},
]


@pytest.mark.parametrize("rules", RULES, ids=str)
@given(
    rows=st.lists(
        st.fixed_dictionaries({name: st.integers(0, 9) for name in "nst"}), min_size=1, max_size=30
    ),
    in_order=st.booleans(),
    size=st.integers(1, 12),
)
@example(rows=[{"n": n, "s": 0, "t": 0} for n in (0, 1, 2, 0, 1, 2)], in_order=False, size=3)
@settings(max_examples=100, deadline=None, database=None)
def test_block_and_row_give_one_verdict(
    edge: Any, rules: dict[str, Any], rows: list[dict[str, int]], in_order: bool, size: int
) -> None:
    if in_order:
        rows = sorted(rows, key=lambda row: row["n"])
    checker = edge.load.TableRuleChecker(edge.TableRules(**rules))
    found: list[Any] = []
    for first in range(0, len(rows), size):
        part = rows[first : first + size]
        columns = {name: [row[name] for row in part] for name in "nst"}
        block = edge.load.Block(first, ["x"] * len(part), None, columns, None)
        for decided in checker.check_block(block):
            is_block = isinstance(decided, edge.load.Block)
            found += [(row, ()) for row in decided.rows()] if is_block else decided
    found += checker.rest()
    refused = [(row[0], problems[0].rule) for row, problems in found if problems]
    wanted = rejected(edge, edge.TableRules(**rules), rows)
    assert ([row[0] for row, _ in found], refused) == (list(range(len(rows))), wanted)


def test_rows_after_a_wrong_year_are_read(edge: Any, tmp_path: Path) -> None:
    class Tick(edge.Contract):  # type: ignore[misc]
        table: ClassVar = edge.TableRules(ordered="at")
        at: datetime
        n: int

    lines = [f"2026-01-05T08:00:{n:02}Z,{n}" for n in range(60)]
    lines[30] = lines[30].replace("2026", "2099")
    (tmp_path / "t.csv").write_text("at,n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    load = edge.Load(tmp_path / "t.csv", Tick, rejects=tmp_path / "r.jsonl")
    assert [each.n for each in load] == [n for n in range(60) if n != 30]


def test_generated_table_keeps_steps_of_groups(edge: Any) -> None:
    class Sample(edge.Contract):  # type: ignore[misc]
        table: ClassVar = edge.TableRules(
            key=("at", "s"),
            ordered="at",
            per=("s",),
            every=timedelta(minutes=1),
            gap=timedelta(minutes=5),
        )
        at: AwareDatetime
        s: Literal["a", "b"]

    rows = [dict(row) for row in table(Sample, 20, Random(1))]
    assert rejected(edge, Sample.table, rows) == []
