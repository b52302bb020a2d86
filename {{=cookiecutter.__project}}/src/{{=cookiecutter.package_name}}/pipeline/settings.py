"""Settings of Kedro, which finds them by `[tool.kedro]` in `pyproject.toml`."""

from .hooks import TRACKING
from .loader import Loader

HOOKS = (TRACKING,)
CONFIG_LOADER_CLASS = Loader
CONFIG_LOADER_ARGS: dict[str, str] = {}
# This plugin is installed with Kedro and would send usage data on every run.
DISABLE_HOOKS_FOR_PLUGINS = ("kedro-telemetry",)
