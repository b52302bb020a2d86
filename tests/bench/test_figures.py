"""Figures keep their meaning on the way to JSON and back, and are written in plain words."""

import tempfile
from pathlib import Path

import pytest

from bench import words
from bench.clock import Cost, beside
from bench.figures import Figure, Report, of_bests, of_runs, read, write
from bench.machine import busy, describe, scrub

FIGURES = (
    Figure("time, ratio", 1.25, "x", low=1.1, high=1.5, runs=3, target=1.5, against="a peer"),
    Figure("rows", 20.5, "rows/s", of="ours", target=20.0, direction="at least"),
    Figure("faults", 0, target=0),
)
REPORT = Report("part", "nox -s bench -- part", "2026-01-02", 1.5, {"cores": "2"}, figures=FIGURES)


def test_a_report_survives_json(tmp_path: Path) -> None:
    assert read(write(REPORT, tmp_path)) == REPORT


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"figures": [{"what": "x"}]}'])
def test_what_is_no_report_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "part.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"part\.json: no report"):
        read(path)


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        (Figure("a", 1.5, target=1.5), True),
        (Figure("a", 1.6, target=1.5), False),
        (Figure("a", 1.5, target=1.5, direction="at least"), True),
        (Figure("a", 1.4, target=1.5, direction="at least"), False),
        (Figure("a", 1.4), None),
    ],
)
def test_a_promise_is_met_or_not(figure: Figure, met: bool | None) -> None:
    assert figure.met is met


def test_runs_give_median_and_spread() -> None:
    figure = of_runs("a", [3.0, 1.0, 2.0], "s")
    assert (figure.value, figure.low, figure.high, figure.runs) == (2.0, 1.0, 3.0, 3)


def test_the_ratio_of_bests_keeps_the_spread_of_the_rounds() -> None:
    figure = of_bests("a", [2.0, 6.0], [2.0, 3.0], min)
    assert (figure.value, figure.low, figure.high) == (1.0, 1.0, 2.0)


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (of_runs("a", [1.0, 2.0], "s"), "1 to 2 in 2 runs"),
        (Figure("a", 1.0, "MB", within=0.05), "± 5 %"),
        (Figure("a", 1.0), "exact"),
    ],
    ids=["runs", "once", "exact"],
)
def test_every_figure_states_its_spread(figure: Figure, text: str) -> None:
    assert words.spread(figure) == text


def test_ratios_are_taken_round_by_round() -> None:
    costs = {"ours": [Cost(1, 2), Cost(4, 6)], "theirs": [Cost(1, 1), Cost(2, 2)]}
    ratio = beside("a", costs, {"theirs": 1.5}, ours="ours")[0]
    assert (ratio.value, ratio.low, ratio.high, ratio.target) == (2.5, 2.0, 3.0, 1.5)


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
    assert words.amount(value, unit) == text


@pytest.mark.parametrize(
    ("figure", "text"),
    [(FIGURES[0], "at most 1.5 times"), (FIGURES[1], "at least 20 rows/s"), (FIGURES[2], "none")],
    ids=str,
)
def test_a_promise_in_words(figure: Figure, text: str) -> None:
    assert words.promise(figure) == text


def test_paths_of_this_machine_are_taken_out() -> None:
    text = f"{Path.home()}/x {Path(__file__)} {Path(tempfile.gettempdir(), 'tmp1')}"
    assert scrub(text) == "~/x ./tests/bench/test_figures.py TEMPORARY/tmp1"


def test_a_machine_is_described_without_its_name() -> None:
    assert set(describe()) == {
        *("processor", "cores", "memory", "system", "Python", "uv", "engine"),
    }


def test_how_busy_a_machine_is_is_a_share_of_it() -> None:
    share = busy(0.01)
    assert share == "unknown" or 0 <= float(share.removesuffix(" %")) <= 100
