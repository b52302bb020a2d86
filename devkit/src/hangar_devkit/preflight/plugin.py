"""The pytest plugin: stops before the first test, and skips what this machine cannot test."""

from __future__ import annotations

import os

import pytest

MARKER = "requires(*names): skip where this machine lacks what [tool.preflight] declares by a name"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that keeps errors of the preflight from stopping the tests."""
    parser.getgroup("preflight").addoption(
        "--preflight",
        choices=("stop", "warn"),
        default="stop",
        help="what errors of the preflight do before the first test (default: stop)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and the part that needs a project's declaration."""
    config.addinivalue_line("markers", MARKER)
    if not os.path.exists(config.rootpath / "pyproject.toml"):
        return
    # Loaded where there is something to check: an installed plugin is part of every session.
    from hangar_devkit.preflight.manifest import DeclarationError, load
    from hangar_devkit.preflight.session import Preflight

    try:
        need = load(str(config.rootpath))
    except DeclarationError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(Preflight(config, need), "hangar_preflight_run")
