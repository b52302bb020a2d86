"""Decision records open as an Obsidian vault: properties, names, links and backlinks.

The rules are those of Obsidian's help: properties are a flat map of text, numbers, dates and lists;
a link is a relative path with `/`; some characters cannot be linked to.
"""

import re
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

from hangar_devkit.decisions.cli import main
from hangar_devkit.decisions.records import read

OWN = Path(__file__).parents[3] / "docs" / "decisions"
FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
NOT_LINKABLE = set('*"\\/<>:|?#^[]')


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault that the command wrote."""
    vault = tmp_path_factory.mktemp("vault")
    for arguments in (("new", "Use uv"), ("new", "Use: one [image]?"), ("supersede", "1", "Lock")):
        main([f"--directory={vault}", *arguments])
    return vault


@pytest.fixture(params=["written", "own"])
def vault(request: pytest.FixtureRequest, written: Path) -> Path:
    """A vault that the command wrote, and the decisions of this repository."""
    return written if request.param == "written" else OWN


def notes(vault: Path) -> dict[str, str]:
    return {path.name: read(path) for path in vault.glob("*.md")}


def links(vault: Path) -> dict[str, set[str]]:
    """Return the notes of the vault that each note links to."""
    return {
        name: {unquote(target) for target in LINK.findall(text)}
        for name, text in notes(vault).items()
    }


def properties(text: str) -> dict[str, object]:
    front = FRONT.match(text)
    return yaml.safe_load(front[1]) if front else {}


def test_every_note_has_properties(vault: Path) -> None:
    assert [name for name, text in notes(vault).items() if not properties(text)] == []


def test_properties_are_flat(vault: Path) -> None:
    values = [value for text in notes(vault).values() for value in properties(text).values()]
    assert [value for value in values if not isinstance(value, str | date)] == []


def test_names_can_be_linked_to(vault: Path) -> None:
    assert [path.name for path in vault.glob("*.md") if set(path.name) & NOT_LINKABLE] == []


def test_every_link_leads_to_a_file(vault: Path) -> None:
    broken = [
        (name, target)
        for name, targets in links(vault).items()
        for target in targets
        if not (vault / target).exists()
    ]
    assert broken == []


def test_every_record_is_linked_from_the_index(written: Path) -> None:
    assert set(notes(written)) - {"index.md"} == links(written)["index.md"]


@pytest.mark.parametrize(
    ("note", "target"),
    [("0001-use-uv.md", "0003-lock.md"), ("0003-lock.md", "0001-use-uv.md")],
    ids=["forward", "backlink"],
)
def test_record_and_successor_link_to_each_other(written: Path, note: str, target: str) -> None:
    assert target in links(written)[note]
