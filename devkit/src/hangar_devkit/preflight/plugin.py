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


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Register the checks where a project has a manifest, before a module of the tests is read."""
    if not os.path.exists(early_config.rootpath / "pyproject.toml"):
        return
    # Imported only where there is something to check: an installed plugin loads in every session.
    from hangar_devkit.preflight.errors import DeclarationError
    from hangar_devkit.preflight.pyproject import load
    from hangar_devkit.preflight.session import Preflight

    try:
        declaration = load(str(early_config.rootpath))
    except DeclarationError as error:
        raise pytest.UsageError(str(error)) from None
    checks = Preflight(early_config, declaration)
    checks.export_variables()
    early_config.pluginmanager.register(checks, "hangar_preflight_run")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", MARKER)
