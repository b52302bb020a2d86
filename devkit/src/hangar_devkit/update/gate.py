"""Look at the tree after an update as a stranger would: is it what the report says?"""

import re
from pathlib import Path

from hangar_devkit.update.git import Git, Tree
from hangar_devkit.update.merge import Scope
from hangar_devkit.update.plan import Plan
from hangar_devkit.update.state import LINK, read_link

_MARKER = re.compile(rb"^(<{7} |>{7} )", re.MULTILINE)


def problems(git: Git, workshop: Git, plan: Plan) -> list[str]:
    """List what keeps the update from being done: empty means that it is.

    Args:
        git: Git on the project, after the update.
        workshop: Git in the workshop.
        plan: What was to be done.
    """
    found, ours = plan.scope, plan.ours
    unmerged = unsettled(git)
    index = _index(git)
    lines = [f"{path}: conflict" for path in unmerged]
    for path in sorted(set(plan.landing.paths) - set(unmerged)):
        file = git.directory / path
        if file.is_file() and _marked(file) and not _marked_upstream(workshop, found, path):
            lines.append(f"{path}: conflict markers")
        if path.endswith(".rej") and file.exists():
            lines.append(f"{path}: a rejected change")
    for path in sorted({*found.base, *found.theirs} - set(unmerged)):
        old, new = found.base.get(path), found.theirs.get(path)
        # Into a new name git may have carried the user's edits of the old one.
        landed = path in index if old is None else index.get(path) == new
        if old != new and ours.get(path) == old and not landed:
            lines.append(f"{path}: the template's change is not in it")
    if read_link(git.directory).commit != plan.release.commit:
        lines.append(f"{LINK}: does not record the update")
    stale = git.run("diff-files", "--name-only", "-z").decode().split("\0")
    lines += [f"{path}: not written" for path in sorted(set(filter(None, stale)) - set(unmerged))]
    return lines


def unsettled(git: Git) -> list[str]:
    """List the files with conflicts that nobody has settled yet."""
    listed = git.run("ls-files", "--unmerged", "-z").decode().split("\0")
    return sorted({record.split("\t", 1)[1] for record in listed if record})


def _index(git: Git) -> Tree:
    files: Tree = {}
    for record in filter(None, git.run("ls-files", "-s", "-z").decode().split("\0")):
        meta, path = record.split("\t", 1)
        mode, name, stage = meta.split()
        if stage == "0":
            files[path] = (mode, name)
    return files


def _marked(file: Path) -> bool:
    return bool(_MARKER.search(file.read_bytes()))


def _marked_upstream(workshop: Git, found: Scope, path: str) -> bool:
    """Say whether the template ships the file with such lines, in a text on conflicts, say."""
    entry = found.theirs.get(path)
    return entry is not None and bool(_MARKER.search(workshop.run("cat-file", "blob", entry[1])))
