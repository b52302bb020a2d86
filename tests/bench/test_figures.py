"""Figures keep their meaning on the way to JSON and back, and are written in plain words."""

from pathlib import Path

import pytest

from bench import words
from bench.clock import Cost, beside
from bench.figures import Figure, Report, of_runs, read, write
from bench.machine import describe, scrub
from bench.peers import Peer

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
    assert of_runs("a", [3.0, 1.0, 2.0], "s") == Figure("a", 2.0, "s", low=1.0, high=3.0, runs=3)


def test_ratios_are_taken_round_by_round() -> None:
    costs = {"ours": [Cost(1, 2), Cost(4, 6)], "theirs": [Cost(1, 1), Cost(2, 2)]}
    ratio = beside("a", costs, {"theirs": 1.5}, ours="ours")[0]
    expected = Figure("a: CPU time, ratio", 2.5, "x", "ours", 2.0, 3.0, 2, 1.5, against="theirs")
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
    assert words.amount(value, unit) == text


@pytest.mark.parametrize(
    ("figure", "text"),
    [(FIGURES[0], "at most 1.5 times"), (FIGURES[1], "at least 20 rows/s"), (FIGURES[2], "none")],
    ids=str,
)
def test_a_promise_in_words(figure: Figure, text: str) -> None:
    assert words.promise(figure) == text


@pytest.mark.parametrize(
    ("given", "peer", "told"),
    [
        ("a/b=/some/where", Peer("a/b", "/some/where"), "a/b=PATH-OR-URL"),
        ("/some/where/", Peer("where", "/some/where/"), "where=PATH-OR-URL"),
        (
            "https://example.com/a/b",
            Peer("a/b", "https://example.com/a/b"),
            "a/b=https://example.com/a/b",
        ),
    ],
)
def test_a_peer_is_told_without_paths(given: str, peer: Peer, told: str) -> None:
    read_ = Peer.read(given)
    assert (read_, read_.words) == (peer, told)


def test_paths_of_this_machine_are_taken_out(tmp_path: Path) -> None:
    text = f"{Path.home()}/x {Path(__file__)}"
    assert scrub(text) == "~/x ./tests/bench/test_figures.py"


def test_a_machine_is_described_without_its_name() -> None:
    assert set(describe()) == {
        *("processor", "cores", "memory", "system", "Python", "uv", "engine", "load before"),
    }
