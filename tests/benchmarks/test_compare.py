"""Two sets of results are compared: which figures agree, and which cannot be compared."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks.framework.compare import Comparison, compare, is_busy, overlap
from benchmarks.framework.figures import Figure, Report, write

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
class TestOverlap:
    """Figures agree if their ranges overlap, in either order."""

    def test_in_order(self, one: Figure, other: Figure, agree: bool) -> None:
        assert overlap(one, other) is agree

    def test_in_reverse(self, one: Figure, other: Figure, agree: bool) -> None:
        assert overlap(other, one) is agree


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
def test_a_time_from_a_busy_machine_is_not_compared(figure: Figure) -> None:
    other = replace(figure, value=9.0, low=9.0, high=9.0)
    result = compare(report(figure), report(other, machine=LOADED))
    assert result == Comparison(skipped=1)


def test_ratios_of_cpu_time_on_a_busy_machine_are_compared() -> None:
    other = replace(RATIO, value=9.0, low=9.0, high=9.0)
    result = compare(report(RATIO), report(other, machine=LOADED))
    assert result.disagree == [(RATIO, other)]


def test_a_figure_of_one_report_only_is_counted() -> None:
    assert compare(report(RATIO, WALL), report(RATIO)).unmatched == 1


@pytest.mark.parametrize(
    ("machine", "busy"),
    [(QUIET, False), (LOADED, True), ({}, False), ({"busy after": "unknown"}, False)],
)
def test_a_machine_is_busy_with_other_work(machine: dict[str, str], busy: bool) -> None:
    assert is_busy(report(machine=machine)) == busy


@pytest.fixture
def folders(tmp_path: Path) -> tuple[str, str]:
    """Two directories of results."""
    return str(tmp_path / "one"), str(tmp_path / "other")


def save(folder: str, *figures: Figure, **rest: object) -> None:
    write(report(*figures, **rest), Path(folder))


def test_the_command_succeeds_if_all_agree(folders: tuple[str, str]) -> None:
    for folder in folders:
        save(folder, RATIO)
    assert command.main(["agree", *folders]) == 0


@pytest.fixture
def outcome(folders: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code and the output for two runs of which a ratio disagrees."""
    save(folders[0], RATIO, WALL)
    save(folders[1], replace(RATIO, value=9.0, low=9.0, high=9.0), WALL, machine=LOADED)
    return command.main(["agree", *folders]), capsys.readouterr().out


def test_the_command_fails_if_a_figure_disagrees(outcome: tuple[int, str]) -> None:
    assert outcome[0] == 1


@pytest.mark.parametrize(
    "text",
    [
        "disagree: a: CPU time, ratio, to a peer: 1.2 times (1.1 to 1.3 in 3 runs) and 9 times",
        "could not compare 1 times: others used 3 % to 4 % and 3 % to 90 % of the machine",
        "0 figures agree, 1 disagree, 1 could not be compared",
    ],
)
def test_the_command_prints(outcome: tuple[int, str], text: str) -> None:
    assert text in outcome[1]


def test_results_of_different_benchmarks_are_refused(
    folders: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    save(folders[0], RATIO)
    write(replace(report(RATIO), benchmark="hooks"), Path(folders[1]))
    command.main(["agree", *folders])
    assert "no benchmark in common" in capsys.readouterr().err


def test_a_benchmark_of_one_run_only_is_listed(
    folders: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in folders:
        save(folder, RATIO)
    write(replace(report(RATIO), benchmark="hooks"), Path(folders[1]))
    command.main(["agree", *folders])
    assert f"only in {folders[1]}: hooks" in capsys.readouterr().out


def test_a_directory_without_results_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command.main(["agree", str(tmp_path)])
    assert f"{tmp_path}: no reports found" in capsys.readouterr().err
