"""One manifest of ownership: it names real files, and the README repeats it exactly."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from hangar_devkit.update.ownership import Manifest, covers, read_manifest
from tests.support.projects import files
from tests.support.template import Answers

Render = Callable[[Answers], Path]

PAGES = ("README.md",)
MARK = re.compile(r"^\s*(#|//) yours\b", re.MULTILINE)


@pytest.fixture(scope="module")
def project(render: Render) -> Path:
    return render({"ml_pipeline": True})


@pytest.fixture(scope="module")
def manifest(project: Path) -> Manifest:
    return read_manifest((project / "pyproject.toml").read_text(encoding="utf-8"), "test")


def row(page: str, owner: str) -> frozenset[str]:
    """Read the paths in an owner's row of a page's table."""
    line = next(line for line in page.splitlines() if line.startswith(f"| {owner} |"))
    return frozenset(re.findall(r"`([^`]+)`", line.split("|")[2]))


@pytest.mark.parametrize("page", PAGES)
def test_page_lists_what_is_yours(project: Path, manifest: Manifest, page: str) -> None:
    assert row((project / page).read_text(encoding="utf-8"), "you") == manifest.yours


@pytest.mark.parametrize("page", PAGES)
def test_page_lists_what_is_shared(project: Path, manifest: Manifest, page: str) -> None:
    assert row((project / page).read_text(encoding="utf-8"), "shared") == manifest.shared


def test_every_entry_names_a_file(project: Path, manifest: Manifest) -> None:
    names = files(project)
    entries = manifest.yours | manifest.shared
    assert [e for e in entries if not any(covers(e, name) for name in names)] == []


def test_no_entry_is_within_another(manifest: Manifest) -> None:
    entries = manifest.yours | manifest.shared
    assert [(a, b) for a in entries for b in entries if a != b and covers(a, b)] == []


def test_shared_files_are_those_with_a_place_for_you(project: Path, manifest: Manifest) -> None:
    marked = {
        name
        for name in files(project)
        if manifest.owner(name) != "you" and not name.startswith("tools/devkit/")
        if MARK.search((project / name).read_text(encoding="utf-8", errors="replace"))
    }
    assert marked == manifest.shared
