"""A thousand malformed files: never a traceback, never a lost row."""

import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest

from .malformed import CSV, Spoil

EACH = 50  # files of each of twenty kinds
LONGEST = 1000  # characters of a line


def rows(content: bytes) -> int:
    """Count the lines behind the header, independently of the edge."""
    text = content.decode("utf-8-sig", "surrogateescape").replace("\r\n", "\n").replace("\r", "\n")
    return len([line for line in text.split("\n") if line and not line.isspace()]) - 1


def covered(rejects: Path) -> int:
    """Count the lines that the rejects file holds."""
    if not rejects.exists():
        return 0
    texts = [json.loads(line)["text"] for line in rejects.read_text(encoding="utf-8").splitlines()]
    lines = [re.split(r"\r\n|\r|\n", text) for text in texts]
    return sum(len([part for part in parts if part.strip()]) for parts in lines)


def lost(edge: Any, contract: Any, directory: Path, content: bytes) -> str:
    """Load a file; say what was lost, or nothing. Any exception but the edge's own gets out."""
    path, rejects = directory / "readings.csv", directory / "rejects.jsonl"
    path.write_bytes(content)
    rejects.unlink(missing_ok=True)
    load = edge.Load(path, contract, rejects=rejects, limits=edge.Limits(longest=LONGEST))
    try:
        accepted = len(list(load))
    except edge.EdgeError as error:
        if str(error).startswith(f"{path}: ") and load.accepted == 0:
            return ""  # refused as a whole, with its name
        return str(error)
    found = accepted + covered(rejects), load.accepted + load.rejected
    wanted = rows(content), load.read
    return "" if found == wanted else f"{found} of {wanted}: {content[:300]!r}"


@pytest.mark.parametrize("spoil", CSV.values(), ids=CSV)
def test_no_row_is_lost(
    edge: Any, reading: Any, good: list[str], tmp_path: Path, spoil: Spoil
) -> None:
    contents = [spoil(good, Random(seed)) for seed in range(EACH)]
    assert [found for each in contents if (found := lost(edge, reading, tmp_path, each))] == []
