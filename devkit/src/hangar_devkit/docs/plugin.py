"""The MkDocs plugin `hangar`: theme, diagrams, order of sections, versions, generated pages."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.plugins import BasePlugin

THEME = Path(__file__).with_name("theme")
STYLESHEET = "assets/stylesheets/hangar.css"
DIAGRAMS = "hangar_devkit.docs.diagrams"
# Of a decision record, shown beside its title.
STATUSES = ("proposed", "accepted", "rejected", "deprecated")


class Options(Config):  # type: ignore[no-untyped-call]
    """The plugin's options in `mkdocs.yml`.

    Attributes:
        sections: Titles of top-level sections, in the order of the navigation.
    """

    sections = config_options.ListOfItems(config_options.Type(str), default=[])


class HangarPlugin(BasePlugin[Options]):  # type: ignore[no-untyped-call]
    """Add to a site what every project's docs share."""

    def on_startup(self, *, command: str, dirty: bool) -> None:  # noqa: ARG002
        """Remember whether the site is built or served."""
        self._serves = command == "serve"

    def on_config(self, config: Any) -> Any:  # noqa: ANN401 - MkDocs' or ProperDocs' own class
        """Add theme, stylesheet and diagrams; show the choice of versions where mike builds."""
        # After a `custom_dir` of the project, which stays the first word on a template.
        config["theme"].dirs.insert(1 if config["theme"].custom_dir else 0, str(THEME))
        config["extra_css"].insert(0, STYLESHEET)
        config["markdown_extensions"].append(DIAGRAMS)
        config["extra"].setdefault("generator", False)
        config["extra"].setdefault("status", {name: name for name in STATUSES})
        if "MIKE_DOCS_VERSION" in os.environ:  # only there: the choice asks for a file
            config["extra"]["version"] = {"provider": "mike"}
        return config

    def on_pre_build(self, *, config: Any) -> None:  # noqa: ANN401
        """While the docs are served, regenerate pages in a process that sees new sources.

        A build leaves that to the session `docs`, to the commit hook and to CI.

        Raises:
            SystemExit: A page could not be generated; the process has printed why.
        """
        if not self._serves:
            return
        root = Path(config["config_file_path"]).parent
        command = [sys.executable, "-m", "hangar_devkit", "docs", "pages"]
        done = subprocess.run(command, cwd=root, check=False)
        if done.returncode:
            raise SystemExit(done.returncode)

    def on_nav(self, nav: Any, *, config: Any, files: Any) -> Any:  # noqa: ANN401, ARG002
        """Put the sections in the declared order; others follow, as their folders sort."""
        order = self.config.sections

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
