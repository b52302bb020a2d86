"""The MkDocs plugin `hangar`: theme, diagrams, navigation, versions, guide, generated docs."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File

from hangar_devkit import pyproject
from hangar_devkit.docs import folders, guide
from hangar_devkit.docs.registry import PageError
from hangar_devkit.docs.writing import below_title
from hangar_devkit.pyproject import PyprojectError

THEME = Path(__file__).with_name("theme")
STYLESHEET = "assets/stylesheets/hangar.css"
SCRIPT = "assets/javascripts/hangar.js"
DIAGRAMS = "hangar_devkit.docs.diagrams"
# Of a decision record, shown in the navigation.
STATUSES = ("proposed", "accepted", "rejected", "deprecated")
DECISION = re.compile(r"(.*/)?decisions/\d{4}-[^/]+\.md")


class Options(Config):  # type: ignore[no-untyped-call]
    """Options of the plugin in `mkdocs.yml`.

    Attributes:
        guide: Whether to add the guide to the development environment, under `environment/`.
        sections: Titles of top-level sections, in the order of the navigation.
    """

    guide = config_options.Type(bool, default=True)
    sections = config_options.ListOfItems(config_options.Type(str), default=[])


class HangarPlugin(BasePlugin[Options]):  # type: ignore[no-untyped-call]
    """Add to a site what the docs of every project share.

    It works in MkDocs and in ProperDocs, with Material or with another theme, in projects that
    come from the template and in others.
    """

    def on_startup(self, *, command: str, dirty: bool) -> None:  # noqa: ARG002
        """Remember whether the site is built or served."""
        self._serves = command == "serve"

    def on_config(self, config: Any) -> Any:  # noqa: ANN401 - MkDocs' or ProperDocs' own class
        """Add theme, stylesheet, script and diagrams; add the version selector if mike builds."""
        # A project's own `custom_dir` stays first: its templates override these.
        config["theme"].dirs.insert(1 if config["theme"].custom_dir else 0, str(THEME))
        config["extra_css"].insert(0, STYLESHEET)
        config["extra_javascript"].append(SCRIPT)
        config["markdown_extensions"].append(DIAGRAMS)
        config["extra"].setdefault("generator", False)
        config["extra"].setdefault("status", {name: name for name in STATUSES})
        if "MIKE_DOCS_VERSION" in os.environ:  # only then: the selector requests a file
            config["extra"]["version"] = {"provider": "mike"}
        return config

    def on_pre_build(self, *, config: Any) -> None:  # noqa: ANN401
        """While the docs are served, write the generated docs in a process that sees new sources.

        A build leaves that to the session `docs`, to the commit hook and to CI. A project without
        the table `[tool.hangar]` has no generated docs.

        Raises:
            PluginError: `pyproject.toml` cannot be read.
            SystemExit: A page could not be generated; the process has printed why.
        """
        root = _root(config)
        if not self._serves or not _has_generated_docs(root):
            return
        command = [sys.executable, "-m", "hangar_devkit", "docs", "pages"]
        done = subprocess.run(command, cwd=root, check=False)
        if done.returncode:
            raise SystemExit(done.returncode)

    @event_priority(-100)  # after plugins that add pages
    def on_files(self, files: Any, *, config: Any) -> Any:  # noqa: ANN401
        """Add the guide and missing index pages as virtual files.

        A file of the project at the same path takes precedence.

        Raises:
            PluginError: A page of the guide could not be generated.
        """
        try:
            pages = guide.files(_root(config)) if self.config.guide else {}
        except PageError as error:
            raise PluginError(f"hangar: {error}") from error
        _add(pages, files, config)
        # Otherwise an index would be one more page of its section, and missing in a `nav`.
        if config["nav"] is None and "navigation.indexes" in config["theme"].get("features", ()):
            _add(folders.indexes(files), files, config)
        return files

    def on_page_markdown(self, markdown: str, *, page: Any, config: Any, files: Any) -> str:  # noqa: ANN401, ARG002
        """Show status, date and rule of a decision record below its title."""
        status, date = page.meta.get("status"), page.meta.get("date")
        if not (status and DECISION.fullmatch(page.file.src_uri)):
            return markdown
        line = f"Status: **{status}**" + (f" · Date: {date}" if date else "")
        forbidden = page.meta.get("forbid")
        if forbidden:
            line += f"\n\nChecked: no `{forbidden}` in `{page.meta.get('paths')}`"
        return below_title(markdown, line)

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


def _add(pages: Mapping[str, str | bytes], files: Any, config: Any) -> None:  # noqa: ANN401
    for uri, content in pages.items():
        if files.get_file_from_path(uri) is None:
            files.append(File.generated(config, uri, content=content))


def _root(config: Any) -> Path:  # noqa: ANN401
    """Return the project's root: the directory of `mkdocs.yml`."""
    return Path(config["config_file_path"]).parent


def _has_generated_docs(root: Path) -> bool:
    """Return whether the project has the table `[tool.hangar]`.

    Raises:
        PluginError: `pyproject.toml` cannot be read.
    """
    if not (root / "pyproject.toml").exists():
        return False
    try:
        return bool(pyproject.table(pyproject.load(root), "tool", "hangar"))
    except PyprojectError as error:
        raise PluginError(f"hangar: {error}") from error


def _pages(item: Any) -> list[Any]:  # noqa: ANN401
    """List the pages of a part of the navigation, in order."""
    if item.is_page:
        return [item]
    return [page for child in item.children or () for page in _pages(child)]
