"""Two runs of the bench are compared: which figures agree, and which cannot be compared."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench import __main__ as command
from bench.agree import compare, is_busy, meet
from bench.figures import Figure, Report, write

QUIET = {"busy before": "3 %", "busy after": "4 %"}
LOADED = {"busy before": "3 %", "busy after": "90 %"}
RATIO = Figure("a: CPU time, ratio", 1.2, "x", low=1.1, high=1.3, runs=3, against="a peer")
WALL = Figure("a: wall time", 2.0, "s", low=1.9, high=2.1, runs=3)


def report(*figures: Figure, **rest: object) -> Report:
    given = {"machine": QUIET, "figures": figures, **rest}
    return Report("docs", "nox -s bench -- docs", "2026-01-02", 5.0, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (RATIO, replace(RATIO, value=1.35, low=1.25, high=1.4), True),
        (RATIO, replace(RATIO, value=1.5, low=1.4, high=1.6), False),
        (RATIO, replace(RATIO, value=1.5, low=1.4, high=1.6, within=0.1), True),
        (Figure("count", 3), Figure("count", 3), True),
        (Figure("count", 3), Figure("count", 4), False),
        (Figure("size", 100, within=0.05), Figure("size", 104), True),
        (Figure("size", 100, within=0.05), Figure("size", 106), False),
        (Figure("below zero", -100, within=0.05), Figure("below zero", -104), True),
    ],
)
def test_figures_agree_where_their_spreads_meet(one: Figure, other: Figure, agree: bool) -> None:
    assert (meet(one, other), meet(other, one)) == (agree, agree)


@pytest.mark.parametrize(
    "figure",
    [
        WALL,
        replace(WALL, name="a: CPU time"),
        replace(RATIO, name="a: wall time, ratio"),
        replace(WALL, name="speed", unit="rows/s"),
    ],
    ids=lambda figure: figure.name,
)
def test_a_time_of_a_busy_machine_says_nothing(figure: Figure) -> None:
    other = replace(figure, value=9.0, low=9.0, high=9.0)
    found = compare(report(figure), report(other, machine=LOADED))
    assert (found.busy, found.apart) == (1, [])


def test_ratios_of_cpu_time_on_a_busy_machine_are_compared() -> None:
    other = replace(RATIO, value=9.0, low=9.0, high=9.0)
    found = compare(report(RATIO), report(other, machine=LOADED))
    assert found.apart == [(RATIO, other)]


def test_a_figure_of_one_run_alone_is_told() -> None:
    assert compare(report(RATIO, WALL), report(RATIO)).alone == 1


@pytest.mark.parametrize(
    ("machine", "busy"),
    [(QUIET, False), (LOADED, True), ({}, False), ({"busy after": "unknown"}, False)],
)
def test_a_machine_is_busy_with_the_work_of_others(machine: dict[str, str], busy: bool) -> None:
    assert is_busy(report(machine=machine)) == busy


@pytest.fixture
def runs(tmp_path: Path) -> tuple[str, str]:
    """Two directories of results."""
    return str(tmp_path / "one"), str(tmp_path / "other")


def keep(folder: str, *figures: Figure, **rest: object) -> None:
    write(report(*figures, **rest), Path(folder))


def test_the_command_succeeds_where_all_agree(runs: tuple[str, str]) -> None:
    for folder in runs:
        keep(folder, RATIO)
    assert command.main(["agree", *runs]) == 0


@pytest.fixture
def told(runs: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """What the command says of two runs of which a ratio disagrees."""
    keep(runs[0], RATIO, WALL)
    keep(runs[1], replace(RATIO, value=9.0, low=9.0, high=9.0), WALL, machine=LOADED)
    return command.main(["agree", *runs]), capsys.readouterr().out


def test_the_command_fails_where_a_figure_disagrees(told: tuple[int, str]) -> None:
    assert told[0] == 1


@pytest.mark.parametrize(
    "text",
    [
        "apart: a: CPU time, ratio, to a peer: 1.2 times (1.1 to 1.3 in 3 runs) and 9 times",
        "could not compare 1 times: others used 3 % to 4 % and 3 % to 90 % of the machine",
        "0 figures agree, 1 do not, 1 could not be compared",
    ],
)
def test_the_command_says(told: tuple[int, str], text: str) -> None:
    assert text in told[1]


def test_runs_of_different_parts_are_refused(
    runs: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    keep(runs[0], RATIO)
    write(replace(report(RATIO), part="hooks"), Path(runs[1]))
    command.main(["agree", *runs])
    assert "no part in common" in capsys.readouterr().err


def test_a_part_of_one_run_alone_is_named(
    runs: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in runs:
        keep(folder, RATIO)
    write(replace(report(RATIO), part="hooks"), Path(runs[1]))
    command.main(["agree", *runs])
    assert f"only in {runs[1]}: hooks" in capsys.readouterr().out


def test_a_place_without_results_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command.main(["agree", str(tmp_path)])
    assert f"{tmp_path}: no reports here" in capsys.readouterr().err
