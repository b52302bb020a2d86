"""Decision records: what the commands write, and what the rules refuse."""

import re
from pathlib import Path

import pytest

from hangar_devkit.decisions.cli import main
from hangar_devkit.decisions.lint import PLACEHOLDERS

RECORD = """\
---
status: {status}
date: 2026-01-05
{extra}---

# {title}

{text}
"""


@pytest.fixture
def decisions(tmp_path: Path) -> Path:
    """Three records by the tool, filled in: 0001 superseded by 0003, 0002 as it began."""
    adr(tmp_path, "new", "Use uv")
    adr(tmp_path, "new", "Use one image")
    adr(tmp_path, "supersede", "1", "Use uv, from the lock only")
    for path in tmp_path.glob("0*.md"):
        fill_in(path)
    return tmp_path


def fill_in(path: Path) -> None:
    """Replace the sentences that the template puts into a record."""
    lines = path.read_text(encoding="utf-8").splitlines()
    filled = ["A sentence." if line in PLACEHOLDERS else line for line in lines]
    path.write_text("\n".join(filled) + "\n", encoding="utf-8")


def adr(directory: Path, *arguments: str) -> int:
    return main([f"--directory={directory}", *arguments])


def write(path: Path, status: str = "accepted", extra: str = "", text: str = "") -> Path:
    record = RECORD.format(status=status, extra=extra, title="A title", text=text)
    path.write_text(record, encoding="utf-8")
    return path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} does not say {old!r}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def lint(directory: Path, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    adr(directory, "lint")
    return capsys.readouterr().err


def test_records_of_the_tool_pass_the_checks(decisions: Path) -> None:
    assert adr(decisions, "lint") == 0


def test_numbers_are_consecutive(decisions: Path) -> None:
    names = [path.name for path in sorted(decisions.glob("0*.md"))]
    assert names == [
        "0001-use-uv.md",
        "0002-use-one-image.md",
        "0003-use-uv-from-the-lock-only.md",
    ]


def test_new_record_is_proposed(decisions: Path) -> None:
    assert "status: proposed" in (decisions / "0002-use-one-image.md").read_text(encoding="utf-8")


def test_new_record_has_a_date(decisions: Path) -> None:
    text = (decisions / "0002-use-one-image.md").read_text(encoding="utf-8")
    assert re.search(r"^date: \d{4}-\d\d-\d\d$", text, re.MULTILINE)


def test_superseded_record_names_its_successor(decisions: Path) -> None:
    text = (decisions / "0001-use-uv.md").read_text(encoding="utf-8")
    assert "status: superseded by ADR-0003" in text


def test_superseded_record_links_to_its_successor(decisions: Path) -> None:
    text = (decisions / "0001-use-uv.md").read_text(encoding="utf-8")
    assert "(0003-use-uv-from-the-lock-only.md)" in text


def test_index_links_every_record(decisions: Path) -> None:
    index = (decisions / "index.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\((0.+?\.md)\)", index)) == {p.name for p in decisions.glob("0*.md")}


@pytest.mark.parametrize(
    "title",
    [
        "Überprüfe alles",
        "a | b",
        r"back\1slash \g<0>",
        "  many \t blanks ",
        "emoji 🚀 too",
        "x" * 90,
    ],
)
def test_any_title_keeps_the_rules(tmp_path: Path, title: str) -> None:
    adr(tmp_path, "new", title)
    adr(tmp_path, "supersede", "1", title)
    for path in tmp_path.glob("0*.md"):
        fill_in(path)
    assert adr(tmp_path, "lint") == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["new", "!!"], "no word"),
        (["supersede", "9", "Later"], "there is no ADR-0009"),
        (["supersede", "1", "Again"], "superseded by ADR-0003 already"),
    ],
)
def test_command_refuses(
    decisions: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    adr(decisions, *arguments)
    assert message in capsys.readouterr().err


def test_refused_command_changes_nothing(decisions: Path) -> None:
    before = {path: path.read_bytes() for path in decisions.iterdir()}
    adr(decisions, "supersede", "1", "Again")
    assert {path: path.read_bytes() for path in decisions.iterdir()} == before


def test_number_twice(decisions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(decisions / "0002-other.md")
    assert "has the same number" in lint(decisions, capsys)


def test_gap_in_numbers_is_allowed(decisions: Path) -> None:
    (decisions / "0002-use-one-image.md").unlink()
    adr(decisions, "index")
    assert adr(decisions, "lint") == 0


def test_untouched_record_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    adr(tmp_path, "new", "Use uv")
    assert "replace or delete it; the same for line 14, 15, 19, 23, 24, 28" in lint(
        tmp_path, capsys
    )


def test_placeholder_that_is_left_is_named(
    decisions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = decisions / "0002-use-one-image.md"
    edit(path, "# Use one image\n", "# Use one image\n\n- Bad, because …\n")
    assert lint(decisions, capsys) == (
        f"{path}:8: still '- Bad, because …'; replace or delete it\n"
    )


def test_unknown_status(decisions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(decisions / "0002-use-one-image.md", "status: proposed", "status: maybe")
    assert "status is 'maybe'" in lint(decisions, capsys)


def test_bad_date(decisions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (decisions / "0002-use-one-image.md").read_text(encoding="utf-8")
    day = re.search(r"date: .+", text)
    assert day is not None
    edit(decisions / "0002-use-one-image.md", day[0], "date: yesterday")
    assert "date is 'yesterday'" in lint(decisions, capsys)


def test_date_is_optional(decisions: Path) -> None:
    (decisions / "0004-undated.md").write_text(
        "---\nstatus: accepted\n---\n\n# Undated\n", encoding="utf-8"
    )
    adr(decisions, "index")
    assert adr(decisions, "lint") == 0


def test_undated_record_can_be_superseded(decisions: Path) -> None:
    (decisions / "0004-undated.md").write_text(
        "---\nstatus: accepted\n---\n\n# Undated\n", encoding="utf-8"
    )
    adr(decisions, "supersede", "4", "Dated")
    fill_in(decisions / "0005-dated.md")
    assert adr(decisions, "lint") == 0


def test_no_title(decisions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(decisions / "0002-use-one-image.md", "# Use one image", "Use one image")
    assert "no title" in lint(decisions, capsys)


def test_no_front_matter(decisions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (decisions / "0002-use-one-image.md").write_text("# Only a title\n", encoding="utf-8")
    assert "status is ''" in lint(decisions, capsys)


def test_missing_successor(decisions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(decisions / "0001-use-uv.md", "by ADR-0003", "by ADR-0009")
    assert "which is not a later record" in lint(decisions, capsys)


def test_successor_without_supersedes(decisions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(decisions / "0003-use-uv-from-the-lock-only.md", "supersedes: ADR-0001\n", "")
    assert "add 'supersedes: ADR-0001'" in lint(decisions, capsys)


def test_superseded_record_with_another_status(
    decisions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(decisions / "0001-use-uv.md", "superseded by ADR-0003", "accepted")
    assert "set its status to 'superseded by ADR-0003'" in lint(decisions, capsys)


def test_supersedes_nothing(decisions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(decisions / "0003-use-uv-from-the-lock-only.md", "s: ADR-0001", "s: ADR-0001, ADR-0009")
    assert "supersedes ADR-0009, which does not exist" in lint(decisions, capsys)


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("0001-use-uv.md", "0003-use-uv-from-the-lock-only.md"),
        ("0003-use-uv-from-the-lock-only.md", "0001-use-uv.md"),
    ],
)
def test_missing_link(
    decisions: Path, name: str, link: str, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(decisions / name, f"({link})", "")
    assert f"add a link to {link}" in lint(decisions, capsys)


def test_index_out_of_date(decisions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(decisions / "0002-use-one-image.md", "# Use one image", "# Use two images")
    assert "out of date" in lint(decisions, capsys)


def test_index_is_updated(decisions: Path) -> None:
    edit(decisions / "0002-use-one-image.md", "# Use one image", "# Use two images")
    adr(decisions, "index")
    assert adr(decisions, "lint") == 0


def test_broken_rule_fails(decisions: Path) -> None:
    edit(decisions / "0002-use-one-image.md", "status: proposed", "status: maybe")
    assert adr(decisions, "lint") == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("notes.md", b"# Notes\n", "is not NNNN-title-in-words.md"),
        ("0004-latin.md", "# Prüfe\n".encode("latin-1"), "not UTF-8 text"),
    ],
)
def test_unreadable_file_is_named(
    decisions: Path, name: str, content: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (decisions / name).write_bytes(content)
    assert f"{name}: {message}" in lint(decisions, capsys).replace("the name ", "")


@pytest.fixture
def own_index(tmp_path: Path) -> Path:
    """An index that somebody wrote, in a directory that `hangar adr new` was run on."""
    index = tmp_path / "index.md"
    index.write_text("# Our own list\n", encoding="utf-8")
    adr(tmp_path, "new", "Use uv")
    return index


def test_index_written_by_hand_is_left_alone(own_index: Path) -> None:
    assert own_index.read_text(encoding="utf-8") == "# Our own list\n"


def test_no_record_is_written_beside_an_index_written_by_hand(own_index: Path) -> None:
    assert [path.name for path in own_index.parent.iterdir()] == ["index.md"]
