"""Every benchmark is registered and described; a failure of one does not stop the others."""

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks import __main__ as command
from benchmarks.framework import figures
from benchmarks.framework.figures import RESULTS, ROOT, Figure, Options, Report, Skipped
from benchmarks.framework.registry import BENCHMARKS, description, load

COMMITTED = sorted(RESULTS.glob("*.json"))


def test_every_module_is_registered() -> None:
    modules = (ROOT / "benchmarks").glob("[!_]*.py")
    assert {path.stem for path in modules} == set(BENCHMARKS)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_describes_its_method(name: str) -> None:
    assert description(name).method


def test_a_benchmark_gives_figures() -> None:
    (shares, *_) = load("history_triage").figures(Options(rounds=1))
    assert 0 < shares.value <= 1


def test_list_shows_every_benchmark(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["list"])
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(BENCHMARKS)


def test_an_unknown_benchmark_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with contextlib.suppress(SystemExit):
        command.main(["nowhere"])
    assert "invalid choice: 'nowhere'" in capsys.readouterr().err


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_committed_figures_have_no_paths(path: Path) -> None:
    places = re.compile(r"(?<![\w.~-])/(?:tmp|home|root|work|Users|var)\b")
    assert places.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_committed_figures_belong_to_a_benchmark(path: Path) -> None:
    assert path.stem in BENCHMARKS


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_a_report_has_the_name_of_its_file(path: Path) -> None:
    assert figures.read(path).benchmark == path.stem


@dataclass(frozen=True)
class Outcome:
    """The exit code, the output and the reports of the command."""

    code: int
    output: str
    reports: dict[str, Report]


@pytest.fixture
def outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Outcome:
    """Run `all` on three benchmarks, of which one fails and one is skipped."""

    def give(options: Options) -> list[Figure]:
        return [Figure("rounds", options.rounds or 0)]

    def fail(_: Options) -> list[Figure]:
        raise RuntimeError(f"{Path.home()}/x broke")

    def skip(_: Options) -> list[Figure]:
        raise Skipped("no engine")

    functions = {"docs": fail, "hooks": skip, "generation": give}
    monkeypatch.setattr(command, "BENCHMARKS", tuple(functions))
    monkeypatch.setattr(command, "load", lambda name: SimpleNamespace(figures=functions[name]))
    monkeypatch.setattr(command, "busy", lambda: "0 %")
    code = command.main(["all", "--rounds=3", f"--results={tmp_path}"])
    reports = {path.stem: figures.read(path) for path in tmp_path.glob("*.json")}
    return Outcome(code, capsys.readouterr().out, reports)


def test_a_failure_sets_the_exit_code(outcome: Outcome) -> None:
    assert outcome.code == 1


@pytest.mark.parametrize(
    ("name", "state"),
    [("docs", "failed"), ("hooks", "could not measure"), ("generation", "measured")],
)
def test_a_report_has_the_state(outcome: Outcome, name: str, state: str) -> None:
    assert outcome.reports[name].state == state


@pytest.mark.parametrize(
    ("name", "reason"), [("docs", "RuntimeError: ~/x broke"), ("hooks", "no engine")]
)
def test_a_report_has_the_reason(outcome: Outcome, name: str, reason: str) -> None:
    assert outcome.reports[name].reason == reason


def test_other_benchmarks_still_run(outcome: Outcome) -> None:
    assert outcome.reports["generation"].figures == (Figure("rounds", 3),)


def test_all_ends_with_the_state_of_each(outcome: Outcome) -> None:
    lines = outcome.output.splitlines()[-4:]
    assert [line.split()[0] for line in lines] == ["docs", "hooks", "generation", "total"]


def test_a_report_has_the_command_that_reproduces_it(outcome: Outcome) -> None:
    assert outcome.reports["generation"].command == "nox -s bench -- generation --rounds=3"
