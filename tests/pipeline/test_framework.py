"""The machinery of the pipeline, tested in a project: the files in framework/ join its tests.

They are not part of the template: a user who runs `nox` tests the user's problem, not this.
"""

import os
import shutil
from pathlib import Path

import pytest

from tests.support.container import UV, succeed
from tests.support.render import BIN, by_api, run
from tests.support.template import git

pytestmark = pytest.mark.slow

FRAMEWORK = Path(__file__).parent / "framework"
ENVIRONMENT = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "CI": None, "NOXSESSION": None}


@pytest.fixture(scope="module")
def extended(template: Path, clean_machine: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the pipeline that is set up and has these tests, too."""
    place = by_api(template, tmp_path_factory.mktemp("framework"), {"ml_pipeline": True})
    shutil.copytree(FRAMEWORK, place / "tests" / "pipeline", dirs_exist_ok=True)
    git(place, "init", "--quiet")
    git(place, "add", "--all")
    git(place, "commit", "--quiet", "--message=Start")
    done = run(BIN / "nox", "--session=setup", cwd=place, env=ENVIRONMENT)
    assert done.code == 0, done.err
    succeed(UV, "sync", "--quiet", "--frozen", "--inexact", "--extra=optuna", cwd=place)
    return place


@pytest.mark.parametrize("session", ["tests", "lint", "typecheck"])
def test_session_is_green(extended: Path, session: str) -> None:
    done = run(BIN / "nox", f"--session={session}", cwd=extended, env=ENVIRONMENT)
    assert done.code == 0, done.out + done.err
