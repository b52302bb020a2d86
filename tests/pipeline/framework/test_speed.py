"""Tests of what a quick command loads. The benchmark of the pipeline measures the time."""

import subprocess
import sys
from pathlib import Path

import pytest

from my_project import cli

LOADED = """
import sys
from typer.testing import CliRunner
from my_project import cli
done = CliRunner().invoke(cli.app, sys.argv[1:])
assert done.exit_code == 0, done.output
print(*sys.modules)
"""

FROZEN = """
import gc
from my_project.tracking.mlflow_tracker import without_collection
with without_collection():
    %s
print(gc.get_freeze_count() > 0)
"""


@pytest.mark.parametrize(
    ("arguments", "slow"),
    [
        ("train --help", {"rich", "kedro", "numpy", f"{cli.__package__}.schemas"}),
        ("train --check", {"rich", "kedro.framework", "mlflow", "numpy", "polars"}),
    ],
)
def test_quick_command_loads_no_slow_library(project: Path, arguments: str, slow: set[str]) -> None:
    command = [sys.executable, "-c", LOADED, *arguments.split()]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    assert slow & {*done.stdout.split()} == set()


@pytest.mark.parametrize(("block", "frozen"), [("import wave", "True"), ("list()", "False")])
def test_collector_leaves_imported_modules_alone(project: Path, block: str, frozen: str) -> None:
    command = [sys.executable, "-c", FROZEN % block]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == frozen
