"""Make the store ready, as the setup does: in a new one, several first runs would collide."""

from pathlib import Path

from . import configuration

if __name__ == "__main__":
    project = Path.cwd()
    configuration.tracker(configuration.read(project), project).migrate()
