"""What the noxfile of a project reads from the environment."""

import runpy

import pytest

from hangar_devkit.ci import in_ci
from tests.conftest import Render


@pytest.mark.parametrize("value", ["true", "1", "woodpecker", "", "0", "false", "No", "off"])
def test_noxfile_detects_ci_as_devkit_does(
    render: Render, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setattr("nox.registry._REGISTRY", {})  # each run defines the sessions anew
    monkeypatch.setenv("CI", value)
    noxfile = runpy.run_path(str(render({}) / "noxfile.py"))
    assert noxfile["IN_CI"] == in_ci({"CI": value})
