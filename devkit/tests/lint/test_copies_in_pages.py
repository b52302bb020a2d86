"""TL007: code in a page that is a copy of code in the sources."""

from pathlib import Path

import pytest

from hangar_devkit.lint.cli import lint, main
from hangar_devkit.lint.source import parse, read_pages

CLASS = '''class Reading(Contract):
    """One reading."""

    time: AwareDatetime = Field(description="When it was measured.")
    unit: Literal["celsius", "euro"] = Field(description="Unit of the value.")
    value: float = Field(ge=-100, le=100, description="The value.")
'''
FUNCTION = """def total(readings):
    found = {}
    for reading in readings:
        found[reading.source] = found.get(reading.source, 0) + reading.value
    return found
"""
SOURCES = CLASS + "\n\n" + FUNCTION


def page(tmp_path: Path, code: str) -> Path:
    file = tmp_path / "index.md"
    file.write_text(f"# Readings\n\n```python\n{code}```\n", encoding="utf-8")
    return file


def found(tmp_path: Path, code: str) -> list[str]:
    pages = read_pages([page(tmp_path, code)], tmp_path)
    return [str(each) for each in lint([parse(SOURCES, "src/readings.py")], [], pages)]


def test_copied_function_is_found(tmp_path: Path) -> None:
    assert found(tmp_path, FUNCTION) == [
        "index.md:4: TL007 total is identical to total (src/readings.py:9); include it: `--8<--`"
    ]


def test_copied_class_is_found(tmp_path: Path) -> None:
    assert len(found(tmp_path, CLASS)) == 1


def test_renamed_copy_of_a_function_is_found(tmp_path: Path) -> None:
    assert len(found(tmp_path, FUNCTION.replace("total", "sums"))) == 1


def test_class_that_has_changed_since_is_found(tmp_path: Path) -> None:
    assert len(found(tmp_path, CLASS.replace(', description="The value."', ""))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "total(readings)\n",
        '--8<-- "src/readings.py"\n',
        "for reading in load:\n    ...\n",
        "def total(\n",
        CLASS.replace("Reading", "Batch"),
        FUNCTION.replace(
            "def total(readings):", "def total(readings):  # noqa: TL007 (the old one)"
        ),
    ],
    ids=["call", "include", "fragment", "not Python", "other class", "suppressed"],
)
def test_other_code_is_accepted(tmp_path: Path, code: str) -> None:
    assert found(tmp_path, code) == []


def test_block_in_a_list_is_read(tmp_path: Path) -> None:
    text = "".join(f"    {line}\n" for line in ("```python", *FUNCTION.splitlines(), "```"))
    (tmp_path / "list.md").write_text(f"1. Add them:\n\n{text}", encoding="utf-8")
    pages = read_pages([tmp_path], tmp_path)
    assert [source.tree.body[0].lineno for source in pages] == [4]


def test_command_reads_the_docs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("src", "docs"):
        (tmp_path / folder).mkdir()
    (tmp_path / "src/readings.py").write_text(SOURCES, encoding="utf-8")
    page(tmp_path / "docs", FUNCTION)
    monkeypatch.chdir(tmp_path)
    main([])
    assert "docs/index.md:4: TL007" in capsys.readouterr().out
