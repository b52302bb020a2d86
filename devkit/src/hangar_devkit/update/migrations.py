"""Run the scripts that versions ship, `migrations/vX.Y.Z/migrate.py`, on a copy of the project."""

import os
import subprocess
import sys
from pathlib import Path

from hangar_devkit.update.answers import folders
from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Git, Tree, write_directory
from hangar_devkit.update.releases import Version

_SUBMODULE = "160000"


def run_scripts(
    scratch: Git, ours: Tree, migrations: Path, after: Version | None, upto: Version
) -> tuple[Tree, list[str]]:
    """Run the scripts of the versions after one, up to another, oldest first.

    A script edits the files of the directory that it is started in, a copy of the user's last
    commit. The project itself is not touched.

    Args:
        scratch: Git in the scratch repository, which can read the project's objects.
        ours: The user's files.
        migrations: The template's `migrations/`.
        after: The version that the project has.
        upto: The version that it is to have.

    Returns:
        The user's files after the scripts; and a line for each script, with what it printed.

    Raises:
        UpdateError: If a script fails.
    """
    scripts = [path / "migrate.py" for _, path in folders(migrations, after, upto)]
    scripts = [script for script in scripts if script.exists()]
    if not scripts:
        return ours, []
    copy = scratch.directory.parent / "copy"
    copy.mkdir()
    index = copy.with_suffix(".index")
    environment = {**scratch.environment, "GIT_WORK_TREE": str(copy), "GIT_INDEX_FILE": str(index)}
    Git(copy, environment).run("read-tree", "--reset", "-u", "refs/project/head")
    lines = []
    for script in scripts:
        lines += [f"{script.parent.name}/migrate.py", *_run(script, copy)]
    # The copy has no files of a submodule, so its tree lacks the entry.
    submodules = {path: entry for path, entry in ours.items() if entry[0] == _SUBMODULE}
    return {**write_directory(scratch, copy), **submodules}, lines


def _run(script: Path, copy: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=copy,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=False,
    )
    if done.returncode:
        output = (done.stderr + done.stdout).decode(errors="replace").strip()
        raise UpdateError(
            f"The template's migrations/{script.parent.name}/migrate.py failed; your files are"
            f" unchanged:\n{output}"
        )
    return [f"  {line}" for line in done.stdout.decode(errors="replace").splitlines()]
