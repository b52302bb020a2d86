"""Which tests are gone: their file is, or no source that it reaches names them any more."""

from __future__ import annotations

import re
from os.path import isfile
from typing import TYPE_CHECKING

from hangar_devkit.history.imports import Sources

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def gone(root: Path, nodeids: Iterable[str]) -> frozenset[str]:
    """Return the tests that are gone.

    A test counts as gone only where that is sure: one that another file defines, or that no
    source names as its author does not write Python, is there as long as its file is.

    Args:
        root: The project's root.
        nodeids: Tests that the newest run did not run.
    """
    sources = Sources(str(root))
    return frozenset(nodeid for nodeid in nodeids if _is_gone(root, sources, nodeid))


def _is_gone(root: Path, sources: Sources, nodeid: str) -> bool:
    path, _, names = nodeid.partition("[")[0].partition("::")
    file = f"{root}/{path}"
    if not isfile(file):
        return True
    name = names.rpartition("::")[2]
    if not path.endswith(".py") or not name.startswith("test"):
        return False
    word = re.compile(rf"\b{re.escape(name)}\b")
    # Most are where they were: what the file imports is read only for one that is not.
    return not word.search(sources.text(file)) and not any(
        word.search(sources.text(reached)) for reached in sources.closure(file)
    )
