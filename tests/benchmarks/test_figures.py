"""Figures survive JSON, and are formatted for people."""

import platform
import tempfile
from pathlib import Path

import pytest

from benchmarks.framework import formatting
from benchmarks.framework.figures import (
    Figure,
    Report,
    from_runs,
    ratio_of_bests,
    read,
    write,
)
from benchmarks.framework.machine import busy, describe, scrub
from benchmarks.framework.timing import Cost, compare_costs

FIGURES = (
    Figure("time, ratio", 1.25, "x", low=1.1, high=1.5, runs=3, target=1.5, against="a peer"),
    Figure("rows", 20.5, "rows/s", of="ours", target=20.0, direction="at least"),
    Figure("faults", 0, target=0),
)
REPORT = Report("name", "nox -s bench -- name", "2026-01-02", 1.5, {"cores": "2"}, figures=FIGURES)


def test_a_report_survives_json(tmp_path: Path) -> None:
    assert read(write(REPORT, tmp_path)) == REPORT


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"figures": [{"what": "x"}]}'])
def test_an_invalid_report_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "name.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"name\.json: not a valid report"):
        read(path)


@pytest.mark.parametrize(
    ("figure", "passes"),
    [
        (Figure("a", 1.5, target=1.5), True),
        (Figure("a", 1.6, target=1.5), False),
        (Figure("a", 1.5, target=1.5, direction="at least"), True),
        (Figure("a", 1.4, target=1.5, direction="at least"), False),
        (Figure("a", 1.4), None),
    ],
)
def test_a_target_passes_or_fails(figure: Figure, passes: bool | None) -> None:
    assert figure.passes is passes


def test_the_figure_of_several_runs_has_their_median_and_range() -> None:
    expected = Figure("a", 2.0, "s", low=1.0, high=3.0, runs=3, within=0.1)
    assert from_runs("a", [3.0, 1.0, 2.0], "s") == expected


def test_the_ratio_of_bests_has_the_range_of_the_rounds() -> None:
    expected = Figure("a", 1.0, "x", low=1.0, high=2.0, runs=2, within=0.1)
    assert ratio_of_bests("a", [2.0, 6.0], [2.0, 3.0], min) == expected


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (from_runs("a", [1.0, 2.0], "s"), "1 to 2 in 2 runs"),
        (Figure("a", 1.0, "MB", within=0.05), "± 5 %"),
        (Figure("a", 1.0), "exact"),
    ],
    ids=["runs", "once", "exact"],
)
def test_every_figure_has_a_spread(figure: Figure, text: str) -> None:
    assert formatting.spread(figure) == text


def test_a_ratio_is_computed_for_each_round() -> None:
    costs = {"ours": [Cost(1, 2), Cost(4, 6)], "theirs": [Cost(1, 1), Cost(2, 2)]}
    ratio = compare_costs("a", costs, {"theirs": 1.5}, ours="ours")[0]
    name, other = "a: CPU time, ratio", "theirs"
    expected = from_runs(name, [2.0, 3.0], "x", of="ours", against=other, target=1.5)
    assert ratio == expected


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.2345, "x", "1.23 times"),
        (0.0512, "s", "0.0512 s"),
        (1234567.8, "rows/s", "1,230,000 rows/s"),
        (0, "", "0"),
    ],
)
def test_an_amount_has_three_digits(value: float, unit: str, text: str) -> None:
    assert formatting.amount(value, unit) == text


@pytest.mark.parametrize(
    ("figure", "text"),
    [(FIGURES[0], "at most 1.5 times"), (FIGURES[1], "at least 20 rows/s"), (FIGURES[2], "none")],
    ids=str,
)
def test_a_target_is_formatted(figure: Figure, text: str) -> None:
    assert formatting.target(figure) == text


def test_paths_of_this_machine_are_replaced() -> None:
    text = f"{Path.home()}/x {Path(__file__)} {Path(tempfile.gettempdir(), 'tmp1')}"
    assert scrub(text) == "~/x ./tests/benchmarks/test_figures.py TEMPORARY/tmp1"


def test_a_machine_is_described_without_its_name() -> None:
    assert platform.node() not in " ".join(describe().values()).split()


@pytest.mark.skipif(not Path("/proc/stat").exists(), reason="only Linux has /proc/stat")
def test_the_load_of_a_machine_is_a_percentage() -> None:
    assert 0 <= float(busy(0.05).removesuffix(" %")) <= 100
