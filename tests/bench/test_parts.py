"""Every part says what it measures and is listed; what goes wrong in one is told, and no more."""

import re
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench import __main__ as command
from bench import figures
from bench.figures import RESULTS, Figure, Options, Report, Unmeasured
from bench.parts import PARTS, about, load

MODULES = Path(figures.__file__).parent / "parts"
COMMITTED = sorted(RESULTS.glob("*.json"))


def test_every_module_is_a_part() -> None:
    assert {path.stem for path in MODULES.glob("[!_]*.py")} == set(PARTS)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_says_what_it_measures_and_how(part: str) -> None:
    told = about(part)
    assert all([told.title, told.summary, told.prose])


@pytest.mark.parametrize("part", PARTS)
def test_a_part_gives_figures(part: str) -> None:
    assert callable(load(part).figures)


def test_list_names_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["list"])
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(PARTS)


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["nowhere"])
    assert "invalid choice: 'nowhere'" in capsys.readouterr().err


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_committed_figures_name_no_machine(path: Path) -> None:
    places = re.compile(r"(?<![\w.~-])/(?:tmp|home|root|work|Users|var)\b")
    assert places.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_committed_figures_are_of_a_part(path: Path) -> None:
    assert figures.read(path).part == path.stem in PARTS


@dataclass(frozen=True)
class Outcome:
    """How the command ended, what it said, and what it kept."""

    code: int
    told: str
    reports: dict[str, Report]


@pytest.fixture
def outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Outcome:
    """Run `all` on three parts, of which one breaks and one lacks something."""

    def give(options: Options) -> list[Figure]:
        return [Figure("rounds", options.rounds or 0)]

    def fail(_: Options) -> list[Figure]:
        raise RuntimeError(f"{Path.home()}/x broke")

    def lack(_: Options) -> list[Figure]:
        raise Unmeasured("no engine")

    parts = {"docs": fail, "hooks": lack, "generation": give}
    monkeypatch.setattr(command, "PARTS", tuple(parts))
    monkeypatch.setattr(command, "load", lambda name: SimpleNamespace(figures=parts[name]))
    monkeypatch.setattr(command, "busy", lambda: "0 %")
    code = command.main(["all", "--rounds=3", f"--results={tmp_path}"])
    reports = {path.stem: figures.read(path) for path in tmp_path.glob("*.json")}
    return Outcome(code, capsys.readouterr().out, reports)


def test_a_part_that_fails_is_told_by_the_exit_code(outcome: Outcome) -> None:
    assert outcome.code == 1


def test_a_part_that_fails_keeps_its_reason(outcome: Outcome) -> None:
    report = outcome.reports["docs"]
    assert (report.state, report.reason) == ("failed", "RuntimeError: ~/x broke")


def test_a_part_that_lacks_something_says_so(outcome: Outcome) -> None:
    report = outcome.reports["hooks"]
    assert (report.state, report.reason) == ("could not measure", "no engine")


def test_other_parts_go_on(outcome: Outcome) -> None:
    assert outcome.reports["generation"].figures == (Figure("rounds", 3),)


def test_all_ends_with_how_each_part_went(outcome: Outcome) -> None:
    lines = outcome.told.splitlines()[-4:]
    assert [line.split()[0] for line in lines] == ["docs", "hooks", "generation", "in"]


def test_a_report_has_the_command_that_rebuilds_it(outcome: Outcome) -> None:
    assert outcome.reports["generation"].command == "nox -s bench -- generation --rounds=3"
