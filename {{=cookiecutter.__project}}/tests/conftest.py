"""Load the shared fixtures from the modules in `fixtures/`."""

pytest_plugins = [
    "fixtures.seeding",
    "fixtures.records",
    "fixtures.samples",
    "fixtures.isolation",
    "fixtures.fakes",  # after isolation, which it imports
]
