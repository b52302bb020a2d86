"""Loads the project's fixtures, each kind from its module in `fixtures/`."""

pytest_plugins = [
    "fixtures.chance",
    "fixtures.records",
    "fixtures.samples",
    "fixtures.surroundings",
    "fixtures.world",
]
