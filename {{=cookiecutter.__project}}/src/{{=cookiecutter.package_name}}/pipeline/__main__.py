"""Prepare for the first run, as part of the setup: create the store and compile modules.

Without it, several first runs would collide while they create the store.
"""

from pathlib import Path

from kedro.framework import session  # noqa: F401 (imported to compile it before the first run)

from . import configuration, hooks, pipeline_registry, scoring  # noqa: F401

if __name__ == "__main__":
    project = Path.cwd()
    configuration.tracker(configuration.read(project), project).migrate()
