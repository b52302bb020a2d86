"""Test data and mutation of a project's own contracts."""

from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from pydantic import BaseModel, Field

from hangar_devkit.contracts import mutation
from hangar_devkit.contracts.cli import main
from hangar_devkit.contracts.examples import table
from hangar_devkit.contracts.strategies import tables

QUICK = settings(max_examples=30, deadline=None, database=None)


def test_generated_rows_keep_the_table_rules(edge: Any, reading: Any) -> None:
    rows = table(reading, 100, Random(1))
    checker = edge.load.TableRuleChecker(reading.table)
    decided = [each for row in rows for each in checker.check(row, vars(row))]
    assert [problems for _, problems in [*decided, *checker.rest()] if problems] == []


def test_drawn_rows_keep_the_order(reading: Any) -> None:
    @given(tables(reading))
    @QUICK
    def is_ordered(rows: list[Any]) -> None:
        times: list[datetime] = [row.time for row in rows]
        assert times == sorted(times)

    is_ordered()


def test_the_examples_contract_kills_nearly_all_operators(edge: Any, reading: Any) -> None:
    assert len(mutation.run(reading, edge).killed) >= 19


@pytest.fixture(scope="module")
def weak(edge: Any) -> mutation.Score:
    """The score of a contract without limits."""

    class Weak(edge.Contract):  # type: ignore[misc]
        at: datetime
        name: str
        amount: float = Field(allow_inf_nan=True)
        again: float

    return mutation.run(Weak, edge)


def test_survivors_of_a_weak_contract_are_named(weak: mutation.Score) -> None:
    assert set(weak.survived) == {
        "columns swapped",
        "unit changed",
        "below range",
        "above range",
        "pattern violated",
        "text too long",
        "not a number",
        "infinity",
        "row duplicated",
        "key duplicated",
        "no rows",
        "time out of order",
        "time zone lost",
    }


def test_survivors_are_located(weak: mutation.Score) -> None:
    assert weak.survived["text too long"] == ["name"]


def test_model_that_is_no_contract_of_the_edge_is_validated_alone(edge: Any) -> None:
    class Plain(BaseModel):
        count: int

    assert "no rows" in mutation.run(Plain, edge).not_applicable


def test_file_of_the_project_is_validated_by_its_edge(project: Path, edge: Any) -> None:
    file = project / "data/readings.csv"
    arguments = ["validate", str(file), "--contract", "Reading", "--root", str(project)]
    assert main(arguments) == 0


def test_file_that_cannot_be_read_is_not_a_finding(project: Path, edge: Any) -> None:
    arguments = ["validate", "missing.csv", "--contract", "Reading", "--root", str(project)]
    assert main(arguments) == 2


def test_rule_of_the_whole_table_is_validated(
    project: Path, edge: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (project / "data/readings.csv").read_text(encoding="utf-8")
    file = tmp_path / "twice.csv"
    file.write_text(text + text.splitlines()[-1] + "\n", encoding="utf-8")
    main(["validate", str(file), "--contract", "Reading", "--root", str(project)])
    assert "must not occur twice" in capsys.readouterr().out
