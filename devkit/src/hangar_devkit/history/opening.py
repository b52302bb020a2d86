"""Opens the store that the options of a command mean."""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from hangar_devkit.history import STORE
from hangar_devkit.history.store import Store

if TYPE_CHECKING:
    import argparse


class CommandError(Exception):
    """A command cannot do what it was asked; the message says why."""


def open_store(options: argparse.Namespace, *, create: bool = False) -> Store:
    """Open the store; one that was damaged is told on the terminal.

    Raises:
        StoreError: When there is none and it is not to be made, or it cannot be opened.
    """
    store = Store(_path(options), create=create)
    if store.notice:
        print(store.notice, file=sys.stderr)
    return store


def _path(options: argparse.Namespace) -> Path:
    if options.store:
        return Path(options.store)
    chosen = os.environ.get("DEVKIT_HISTORY_STORE") or _configured(options.root) or STORE
    return Path(options.root) / chosen


def _configured(root: Path) -> str:
    """Return the place that the project's pytest configuration names, if it does."""
    try:
        data = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
        settings = data["tool"]["pytest"]
        return str({**settings.get("ini_options", {}), **settings}.get("history_store", ""))
    except (OSError, ValueError, KeyError, AttributeError):
        return ""
