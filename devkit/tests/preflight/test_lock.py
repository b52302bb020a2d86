"""PF202 against uv itself: each edit of a manifest after it was locked."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hangar_devkit.preflight.facts import Facts
from hangar_devkit.preflight.machine import Machine
from hangar_devkit.preflight.pyproject import load
from hangar_devkit.preflight.run import run_checks

pytestmark = pytest.mark.slow

MANIFEST = """\
[project]
name = "demo"
version = "1.2.0"
requires-python = ">=3.11"
dependencies = [
  "attrs>=22.1",
  "certifi>=2024.7.4",
  "colorama>=0.4; sys_platform == 'win32'",
]

[project.optional-dependencies]
more = ["packaging>=24.0"]

[dependency-groups]
test = ["iniconfig>=2", { include-group = "base" }]
base = ["pluggy>=1"]

[tool.uv]
exclude-newer = "7 days"
"""
# What uv calls the same: the verdict must not be an error.
SAME = {
    "nothing": ("demo", "demo"),
    "leading zeros": ("2024.7.4", "2024.07.04"),
    "pre-release with a dash": (">=24.0", ">=24.0,!=24.1-rc1"),
    "a letter v": ("attrs>=22.1", "attrs>=v22.1"),
    "zeros at the end": ("attrs>=22.1", "attrs>=22.01"),
    "spaces": ("attrs>=22.1", "attrs >= 22.1"),
    "parentheses": ("attrs>=22.1", "attrs (>=22.1)"),
    "upper case": ("attrs>=22.1", "Attrs>=22.1"),
    "spaces in a marker": ("sys_platform == 'win32'", "sys_platform=='win32'"),
    "another order": (
        '"attrs>=22.1",\n  "certifi>=2024.7.4",',
        '"certifi>=2024.7.4","attrs>=22.1",',
    ),
    "a duplicate": ('"attrs>=22.1",', '"attrs>=22.1", "attrs>=22.1",'),
    "a group that is spelt differently": ("base = [", "Base = ["),
    "a readme": ('version = "1.2.0"', 'version = "1.2.0"\nreadme = "README.md"'),
    "a classifier": ('version = "1.2.0"', 'version = "1.2.0"\nclassifiers = ["Private :: No"]'),
    "a tool": ("[tool.uv]", "[tool.ruff]\nfix = true\n\n[tool.uv]"),
}
# What changes the lock: the verdict must be an error.
STALE = {
    "another name": ('name = "demo"', 'name = "other"'),
    "another version": ("1.2.0", "1.3.0"),
    "a pre-release": ("1.2.0", "1.2.0rc1"),
    "an upper bound of Python": ('">=3.11"', '">=3.11,<4"'),
    "a newer Python": ('">=3.11"', '">=3.12"'),
    "another specifier": ("attrs>=22.1", "attrs>=22.2"),
    "an upper bound": ("attrs>=22.1", "attrs>=22.1,<99"),
    "an upper bound with a post release": ("attrs>=22.1", "attrs>=22.1,<99.0-0"),
    "a dependency removed": ('"attrs>=22.1",', ""),
    "a dependency added": ('"attrs>=22.1",', '"attrs>=22.1", "pluggy",'),
    "a marker added": ('"attrs>=22.1"', "\"attrs>=22.1; sys_platform == 'linux'\""),
    "a marker changed": ("'win32'", "'darwin'"),
    "a marker removed": ("; sys_platform == 'win32'", ""),
    "an extra of a dependency": ("attrs>=22.1", "attrs[tests]>=22.1"),
    "moved to a group": ('"attrs>=22.1",', ""),
    "an extra added": ("more = [", 'less = ["attrs"]\nmore = ['),
    "an extra renamed": ("more = [", "most = ["),
    "an extra emptied": ('["packaging>=24.0"]', "[]"),
    "a group changed": ("pluggy>=1", "pluggy>=1.1"),
    "an include removed": (', { include-group = "base" }', ""),
    "a group renamed": ("test = [", "tests = ["),
    "development dependencies": ("[tool.uv]", '[tool.uv]\ndev-dependencies = ["pluggy"]'),
    "a build system": ("[dependency-groups]", "[build-system]\nrequires = []\n[dependency-groups]"),
    "constraints": ("[tool.uv]", '[tool.uv]\nconstraint-dependencies = ["attrs<99"]'),
    "overrides": ("[tool.uv]", '[tool.uv]\noverride-dependencies = ["attrs>=23"]'),
    "pre-releases": ("[tool.uv]", '[tool.uv]\nprerelease = "allow"'),
    "a resolution": ("[tool.uv]", '[tool.uv]\nresolution = "lowest-direct"'),
    "environments": ("[tool.uv]", "[tool.uv]\nenvironments = [\"sys_platform == 'linux'\"]"),
    "conflicts": (
        "[tool.uv]",
        '[tool.uv]\nconflicts = [[{ extra = "more" }, { group = "test" }]]',
    ),
    "a cooldown that is spelt differently": ("7 days", "1 week"),
    "another cooldown": ("7 days", "8 days"),
    "no cooldown": ('exclude-newer = "7 days"', ""),
    "a local source": ("[tool.uv]", '[tool.uv.sources]\nattrs = { path = "attrs" }\n[tool.uv]'),
}


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project, and its lock."""
    project = tmp_path_factory.mktemp("locked")
    (project / "pyproject.toml").write_text(MANIFEST)
    (project / "README.md").touch()
    (project / "attrs").mkdir()
    attrs = '[project]\nname = "attrs"\nversion = "23.1"\n'
    (project / "attrs/pyproject.toml").write_text(attrs)
    subprocess.run(["uv", "lock", "--quiet"], cwd=project, check=True)
    return project


def verdicts(locked: Path, edit: tuple[str, str], into: Path) -> tuple[bool, str, str]:
    """Return whether uv calls the lock current, and the states of PF202 with and without uv."""
    project = shutil.copytree(locked, into / "project")
    assert edit[0] in MANIFEST
    (project / "pyproject.toml").write_text(MANIFEST.replace(*edit, 1))
    command = ["uv", "lock", "--check", "--offline"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    states = []
    for path in (os.environ["PATH"], "/nowhere"):
        facts = Facts(Machine(str(project), environ={**os.environ, "PATH": path}))
        states += run_checks(load(str(project)), facts, only=("PF202",)).findings
    with_uv, without = [finding.state for finding in states]
    return done.returncode == 0, with_uv, without


@pytest.mark.parametrize("edit", SAME.values(), ids=SAME)
def test_the_verdict_is_that_of_uv(locked: Path, tmp_path: Path, edit: tuple[str, str]) -> None:
    current, with_uv, without = verdicts(locked, edit, tmp_path)
    right = "ok" if current else "error"
    assert (with_uv, without) in [(right, right), (right, "unknown")]


@pytest.mark.parametrize("edit", STALE.values(), ids=STALE)
def test_a_stale_lock_is_found(locked: Path, tmp_path: Path, edit: tuple[str, str]) -> None:
    found = verdicts(locked, edit, tmp_path)
    assert found in [(False, "error", "error"), (False, "error", "unknown")]
