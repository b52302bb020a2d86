"""What the engine does besides: sections in order, versions under mike, made pages in `serve`."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def on_config(config: Any) -> Any:  # noqa: ANN401 - MkDocs' or ProperDocs' own class
    """Show the choice of versions where mike builds, and only there: it asks for a file."""
    if "MIKE_DOCS_VERSION" in os.environ:
        config["extra"]["version"] = {"provider": "mike"}
    return config


def on_pre_build(config: Any) -> None:  # noqa: ANN401
    """While the docs are shown, bring made pages in step, in a process that sees new sources.

    A build leaves that to the session `docs`, to the commit hook and to CI.

    Raises:
        SystemExit: A page could not be made; the process has said why.
    """
    if sys.argv[1:2] != ["serve"]:
        return
    root = Path(config["config_file_path"]).parent
    made = subprocess.run([sys.executable, "-m", "devkit.docs.cli"], cwd=root, check=False)
    if made.returncode:
        raise SystemExit(made.returncode)


def on_nav(nav: Any, *, config: Any, files: Any) -> Any:  # noqa: ANN401, ARG001
    """Put the sections in the order of `extra.sections`; others follow, as their folders sort."""
    order = config["extra"].get("sections", [])

    def rank(item: Any) -> int:  # noqa: ANN401
        if not item.children:
            return -1
        return order.index(item.title) if item.title in order else len(order)

    nav.items.sort(key=rank)
    nav.pages[:] = [page for item in nav.items for page in _pages(item)]
    for before, after in zip([None, *nav.pages], [*nav.pages, None], strict=True):
        if before is not None:
            before.next_page = after
        if after is not None:
            after.previous_page = before
    return nav


def _pages(item: Any) -> list[Any]:  # noqa: ANN401
    """List the pages of a part of the navigation, in order."""
    if item.is_page:
        return [item]
    return [page for child in item.children or () for page in _pages(child)]
