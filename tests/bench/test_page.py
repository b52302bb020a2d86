"""The page and the README's table follow from the reports alone."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from bench.figures import RESULTS, Figure, Report, read, write
from bench.page import README, with_table
from bench.parts import PARTS
from scripts.pages.bench import SPACE, headlines, page
from scripts.pages.headlines import HEADLINES, Headline
from scripts.pages.plots import bars

MACHINE = {"cores": "2", "busy before": "3 %", "busy after": "4 %"}
SPEEDS = (
    Figure("speed", 30.0, "M rows/s", of="derived", low=20.0, high=40.0, runs=3, target=20.0),
    Figure("speed", 10.0, "M rows/s", of="a < b"),
)


def report(part: str, *figures: Figure, **rest: Any) -> Report:
    command = f"nox -s bench -- {part}"
    return Report(part, command, "2026-01-02", 5.0, MACHINE, figures=figures, **rest)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A place with three reports: one whole, one failed, one of a part that lacked something."""
    results = tmp_path / "docs" / "reference" / "bench"
    left_out = {"peers": {"a/peer": "0123456789"}, "reason": "b/peer is left out"}
    write(report("tables", *SPEEDS, **left_out), results)
    write(report("docs", state="failed", reason="no <theme>"), results)
    write(report("containers", state="could not measure", reason="no engine"), results)
    return tmp_path


@pytest.mark.parametrize("part", PARTS)
def test_every_part_has_a_place(root: Path, part: str) -> None:
    assert f"{{ #{part} }}" in page(root)


@pytest.mark.parametrize(
    "text",
    [
        "| speed: derived | 30 M rows/s | 20 to 40 in 3 runs |",
        "| at most 20 M rows/s, **missed** |",
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
    ],
)
def test_the_page_says(root: Path, text: str) -> None:
    assert text in page(root).replace(SPACE, " ")


def test_parts_that_met_other_machines_say_so(root: Path) -> None:
    other = Report("hooks", "", "2026-01-02", 5.0, {"cores": "64"})
    write(other, root / "docs" / "reference" / "bench")
    assert "The machine of containers, tables, docs: 2 cores." in page(root)


def test_a_plot_is_one_line_of_well_formed_svg() -> None:
    drawn = bars(SPEEDS)
    assert ("\n" in drawn, ET.fromstring(drawn).get("aria-label")) == (False, "speed")  # noqa: S314


def test_a_plot_asks_for_no_colour_of_its_own() -> None:
    fills = {node.get("fill") for node in ET.fromstring(bars(SPEEDS)).iter()}  # noqa: S314
    assert fills - {None} == {"currentColor", "var(--md-accent-fg-color)"}


def test_a_headline_that_was_not_measured_says_so(root: Path) -> None:
    assert headlines(root, "").count("not measured |") > 1


@pytest.mark.parametrize("state", ["failed", "could not measure"])
def test_a_headline_that_could_not_be_measured_says_so(root: Path, state: str) -> None:
    assert f"| {state} |" in headlines(root, "")


@pytest.mark.parametrize("headline", HEADLINES, ids=lambda headline: headline.text)
def test_a_headline_is_of_a_part(headline: object) -> None:
    assert getattr(headline, "part", "") in PARTS


@pytest.mark.parametrize(
    "headline",
    [each for each in HEADLINES if (RESULTS / f"{each.part}.json").exists()],
    ids=lambda headline: headline.text,
)
def test_a_headline_is_a_figure_of_its_part(headline: Headline) -> None:
    known = read(RESULTS / f"{headline.part}.json")
    assert headline.find(known) or known.state != "measured"


def test_a_headline_takes_the_figure_that_falls_short_the_most() -> None:
    shares = (0.9, 0.3, 0.6)
    figures = [Figure("share", share, target=0.5, direction="at least") for share in shares]
    found = Headline("text", "docs", "share").find(report("docs", *figures))
    assert found == figures[1]


def test_the_readme_is_in_step() -> None:
    text = README.read_text(encoding="utf-8")
    assert with_table(text) == text, "run `nox -s bench -- page`"


def test_a_readme_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no lines"):
        with_table("# Title\n")
