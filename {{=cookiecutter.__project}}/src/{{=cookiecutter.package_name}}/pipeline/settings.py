"""Kedro's settings: `[tool.kedro]` in `pyproject.toml` leads here."""

from .hooks import TRACKING
from .loader import Loader

HOOKS = (TRACKING,)
CONFIG_LOADER_CLASS = Loader
CONFIG_LOADER_ARGS: dict[str, str] = {}
# It is installed with Kedro, and would post to its makers on every run.
DISABLE_HOOKS_FOR_PLUGINS = ("kedro-telemetry",)
