"""Run the scripts that versions ship, `migrations/vX.Y.Z/migrate.py`, on a copy of the project."""

import os
import subprocess
import sys
from pathlib import Path

from hangar_devkit.update.answers import folders
from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Git
from hangar_devkit.update.merge import write_tree
from hangar_devkit.update.releases import Version


def run_scripts(
    workshop: Git, migrations: Path, after: Version | None, upto: Version
) -> tuple[str, list[str]]:
    """Run the scripts of the versions after one, up to another, oldest first.

    A script edits the files of the directory that it is started in, a copy of the user's last
    commit. The project itself is not touched.

    Args:
        workshop: Git in the workshop, which can read the project's objects.
        migrations: The template's `migrations/`.
        after: The version that the project has.
        upto: The version that it is to have.

    Returns:
        The name of the tree after the scripts, and the scripts that ran.

    Raises:
        UpdateError: If a script fails.
    """
    scripts = [path / "migrate.py" for _, path in folders(migrations, after, upto)]
    scripts = [script for script in scripts if script.exists()]
    if not scripts:
        return "", []
    copy = workshop.directory.parent / "copy"
    copy.mkdir()
    index = copy.with_suffix(".index")
    environment = {**workshop.environment, "GIT_WORK_TREE": str(copy), "GIT_INDEX_FILE": str(index)}
    Git(copy, environment).run("read-tree", "--reset", "-u", "refs/project/head")
    for script in scripts:
        _run(script, copy)
    return write_tree(workshop, copy), [f"{script.parent.name}/migrate.py" for script in scripts]


def _run(script: Path, copy: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=copy,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = (done.stderr + done.stdout).decode(errors="replace").strip()
        raise UpdateError(
            f"The template's migrations/{script.parent.name}/migrate.py failed; your files are as"
            f" they were:\n{said}"
        )
