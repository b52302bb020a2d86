"""The page on shared helpers, its commands run as they stand."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Render
from tests.support.template import ROOT

PAGE = ROOT / "devkit/src/hangar_devkit/docs/guide/helpers.md"
HELPER = "def clamp(x: float) -> float:\n    return min(x, 1)\n"


@pytest.fixture(scope="module")
def project(render: Render, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose helper went through all the steps of the page."""
    base = tmp_path_factory.mktemp("helpers")
    root = base / "project"
    shutil.copytree(render({}), root)
    helpers = base / "shared-helpers"
    for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        commands = block.replace("https://example.com/shared-helpers", helpers.as_uri())
        own = {"VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT"}
        env = {name: value for name, value in os.environ.items() if name not in own}
        subprocess.run(["sh", "-euc", commands], cwd=root, env=env, check=True)
        if "init" in block:
            target = helpers / "src" / "shared_helpers" / "__init__.py"
            target.write_text(HELPER, encoding="utf-8")
    return root


@pytest.mark.slow
def test_helper_can_be_imported_from_its_release(project: Path) -> None:
    code = "import shared_helpers; print(shared_helpers.clamp(3))"
    done = subprocess.run(
        [project / ".venv" / "bin" / "python", "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "1\n"


@pytest.mark.slow
def test_release_is_locked(project: Path) -> None:
    assert "?tag=v1.0.0#" in (project / "uv.lock").read_text(encoding="utf-8")
