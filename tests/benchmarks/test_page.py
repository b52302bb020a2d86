"""The page follows from the reports alone."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from benchmarks.framework.figures import RESULTS, ROOT, Figure, Report, read, write
from benchmarks.framework.registry import BENCHMARKS
from scripts.pages.bench import SPACE, headlines, page, reports_of
from scripts.pages.headlines import HEADLINES, Headline
from scripts.pages.missed import REASONS, excess
from scripts.pages.plots import bars

MACHINE = {"cores": "2", "busy before": "3 %", "busy after": "4 %"}
SPEEDS = (
    Figure("speed", 30.0, "M rows/s", of="derived", low=20.0, high=40.0, runs=3, target=20.0),
    Figure("speed", 10.0, "M rows/s", of="a < b"),
)


def report(name: str, *figures: Figure, **rest: Any) -> Report:
    command = f"nox -s bench -- {name}"
    return Report(name, command, "2026-01-02", 5.0, MACHINE, figures=figures, **rest)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A directory with three reports: one complete, one failed, one skipped."""
    results = tmp_path / "docs" / "reference" / "bench"
    left_out = {"peers": {"a/peer": "0123456789"}, "reason": "b/peer is left out"}
    write(report("tables", *SPEEDS, **left_out), results)
    write(report("docs", state="failed", reason="no <theme>"), results)
    write(report("containers", state="could not measure", reason="no engine"), results)
    return tmp_path


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_has_a_section(root: Path, name: str) -> None:
    assert f"{{ #{name} }}" in page(root)


@pytest.mark.parametrize(
    "text",
    [
        "| speed: derived | 30 M rows/s | 20 to 40 in 3 runs |",
        "| at most 20 M rows/s, **fail** |",
        ">30 M rows/s (20 to 40)</text>",
        ">a &lt; b</text>",
        "nox -s bench -- tables\n",
        "; others used 3 % of the machine before and 4 % after. ",
        "; a/peer is at `0123456789`",
        "Left out:\n\n```text\nb/peer is left out",
        "[As JSON](bench/tables.json)",
        "Failed:\n\n```text\nno <theme>\n```",
        "Could not measure:\n\n```text\nno engine\n```",
        "Not measured yet: `nox -s bench -- hooks`.",
        "The machine: 2 cores.",
        "speed of derived | 30 M rows/s | 50 % above 20 M rows/s |",
    ],
)
def test_the_page_contains(root: Path, text: str) -> None:
    assert text in page(root).replace(SPACE, " ")


def test_without_a_miss_the_page_says_so(tmp_path: Path) -> None:
    assert "None: every measured target is reached." in page(tmp_path)


def test_a_miss_of_zero_is_the_value() -> None:
    assert excess(Figure("files", 3, target=0)) == "3"


def test_every_miss_is_explained() -> None:
    reports = reports_of(ROOT)
    missed = {name for name, each in reports.items() for f in each.figures if f.passes is False}
    assert missed - set(REASONS) == set()


def test_benchmarks_on_different_machines_are_listed(root: Path) -> None:
    other = Report("hooks", "", "2026-01-02", 5.0, {"cores": "64"})
    write(other, root / "docs" / "reference" / "bench")
    assert "The machine of containers, tables, docs: 2 cores." in page(root)


def test_a_plot_is_one_line() -> None:
    assert "\n" not in bars(SPEEDS)


def test_a_plot_has_a_label() -> None:
    assert ET.fromstring(bars(SPEEDS)).get("aria-label") == "speed"  # noqa: S314


def test_a_plot_uses_the_colours_of_the_page() -> None:
    fills = {node.get("fill") for node in ET.fromstring(bars(SPEEDS)).iter()}  # noqa: S314
    assert fills - {None} == {"currentColor", "var(--md-accent-fg-color)"}


def test_a_headline_without_a_report_is_not_measured(root: Path) -> None:
    assert headlines(root).count("not measured |") > 1


@pytest.mark.parametrize("state", ["failed", "could not measure"])
def test_a_headline_of_a_failed_benchmark_has_its_state(root: Path, state: str) -> None:
    assert f"| {state} |" in headlines(root)


@pytest.mark.parametrize("headline", HEADLINES, ids=lambda headline: headline.text)
def test_a_headline_names_a_benchmark(headline: object) -> None:
    assert getattr(headline, "part", "") in BENCHMARKS


@pytest.mark.parametrize(
    "headline",
    [each for each in HEADLINES if (RESULTS / f"{each.part}.json").exists()],
    ids=lambda headline: headline.text,
)
def test_a_headline_names_a_figure(headline: Headline) -> None:
    known = read(RESULTS / f"{headline.part}.json")
    assert headline.find(known) or known.state != "measured"


def test_a_headline_shows_the_worst_figure() -> None:
    shares = (0.9, 0.3, 0.6)
    figures = [Figure("share", share, target=0.5, direction="at least") for share in shares]
    found = Headline("text", "docs", "share").find(report("docs", *figures))
    assert found == figures[1]
