"""Make ready what first runs would pay for, as the setup does: the store, and compiled modules.

In a store that is not there yet, several first runs would collide.
"""

from pathlib import Path

from kedro.framework import session  # noqa: F401 (imported here, it is compiled for the first run)

from . import configuration, hooks, pipeline_registry, scoring  # noqa: F401

if __name__ == "__main__":
    project = Path.cwd()
    configuration.tracker(configuration.read(project), project).migrate()
