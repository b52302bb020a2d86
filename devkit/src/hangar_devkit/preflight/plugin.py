"""The pytest plugin: stop before the first test, and skip what this machine cannot test."""

from __future__ import annotations

import os

import pytest

MARKER = "requires(*names): skip where what [tool.preflight] declares by a name is missing"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that keeps errors of the preflight from stopping the tests."""
    parser.getgroup("preflight").addoption(
        "--preflight",
        choices=("stop", "warn"),
        default="stop",
        help="what to do about errors of the preflight before the first test (default: stop)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and the checks where a project has a manifest."""
    config.addinivalue_line("markers", MARKER)
    if not os.path.exists(config.rootpath / "pyproject.toml"):
        return
    # Imported only where there is something to check: an installed plugin loads in every session.
    from hangar_devkit.preflight.errors import DeclarationError
    from hangar_devkit.preflight.pyproject import load
    from hangar_devkit.preflight.session import Preflight

    try:
        declaration = load(str(config.rootpath))
    except DeclarationError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(Preflight(config, declaration), "hangar_preflight_run")
