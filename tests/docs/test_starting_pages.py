"""The generated pages of a new project are those that it would generate itself."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.template import ROOT, combinations

OPTIONS = [
    answers
    for answers in combinations()
    if answers["license"] == "MIT" and answers["python_version"] == "3.13"
]
NAMES = {"project_name": 'Über "Tide"', "project_slug": "tide-gauge", "author_name": "Ü \\ Ä"}


def check(root: Path) -> subprocess.CompletedProcess[str]:
    """Run `pages --check` with the tools as they stand."""
    path = os.pathsep.join([str(ROOT / "devkit" / "src"), str(root / "src")])
    return subprocess.run(
        [sys.executable, "-m", "hangar_devkit", "docs", "pages", "--check"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        check=False,
        text=True,
    )


@pytest.mark.parametrize("answers", OPTIONS, ids=str)
def test_pages_are_up_to_date(answers: dict[str, Any], render: Callable[..., Path]) -> None:
    done = check(render({**answers, **NAMES}))
    assert (done.stdout, done.stderr) == ("", "")


def test_pages_of_the_template_are_up_to_date() -> None:
    done = check(ROOT)
    assert (done.stdout, done.stderr) == ("", "")


def test_decisions_of_a_new_project_pass_the_checks(render: Callable[..., Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hangar_devkit", "adr", "lint"],
        cwd=render(NAMES),
        env={**os.environ, "PYTHONPATH": str(ROOT / "devkit" / "src")},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.stderr == ""
