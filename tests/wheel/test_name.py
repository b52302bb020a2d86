"""Nothing asks an index for `hangar-devkit`: the name is unclaimed, and only uv reads its path."""

import re
import subprocess
from pathlib import Path

import pytest

from .conftest import ROOT

# pip and its kin, given a dependency group or the bare name, with or without an extra.
ASKS_AN_INDEX = re.compile(
    r"\b(pip|pipx|uvx|poetry|pdm)\b[^\n|]*(--group\b|[\s'\"]hangar-devkit(?![\w/.]))"
)
# They warn of it.
WARNINGS = {
    "SECURITY.md",
    "docs/decisions/0039-a-project-carries-the-wheel-of-the-tooling.md",
    "tests/wheel/test_name.py",
}


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [name for name in listed.stdout.split("\0") if name and name not in WARNINGS]


def text(path: Path) -> str:
    content = path.read_bytes() if path.is_file() else b""
    return "" if b"\0" in content else content.decode(errors="replace")


@pytest.mark.parametrize(
    "line",
    [
        "pip install --group dev",
        "pip install 'hangar-devkit[dev]'",
        "uvx --from hangar-devkit hangar",
        "RUN pip install hangar-devkit",
    ],
)
def test_the_pattern_finds(line: str) -> None:
    assert ASKS_AN_INDEX.search(line)


def test_no_file_asks_an_index() -> None:
    found = {name: ASKS_AN_INDEX.findall(text(ROOT / name)) for name in tracked()}
    assert {name: lines for name, lines in found.items() if lines} == {}
