"""Verify the tree after an update, independently of what the update recorded."""

import re
from shlex import quote

from hangar_devkit.update.git import Git, Tree
from hangar_devkit.update.merge import Scope
from hangar_devkit.update.plan import Plan
from hangar_devkit.update.state import STATE_FILE, read_state

_MARKER = re.compile(rb"^(<{7} |>{7} )", re.MULTILINE)


def verify(git: Git, scratch: Git, plan: Plan) -> list[str]:
    """List what keeps the update from being complete; empty means that it is.

    Args:
        git: Git on the project, after the update.
        scratch: Git in the scratch repository.
        plan: What the update was to do.
    """
    scope = plan.scope
    unmerged = unresolved(git)
    index = _index(git)
    lines = [f"{path}: conflict" for path in unmerged]
    for path in sorted(set(plan.changes.paths) - set(unmerged)):
        file = git.directory / path
        if (
            file.is_file()
            and _has_markers(file.read_bytes())
            and not _ships_markers(scratch, scope, path)
        ):
            lines.append(f"{path}: conflict markers")
        if path.endswith(".rej") and file.exists():
            lines.append(f"{path}: a rejected change")
    for path in sorted({*scope.base, *scope.theirs} - set(unmerged)):
        old, new = scope.base.get(path), scope.theirs.get(path)
        # git may have moved the user's edits of an old name into a new one.
        applied = path in index if old is None else index.get(path) == new
        if old != new and scope.ours.get(path) == old and not applied:
            lines.append(f"{path}: the template's change is missing")
    if read_state(git.directory).commit != plan.release.commit:
        lines.append(f"{STATE_FILE}: does not record the update")
    stale = set(git.paths("diff-files", "--name-only", "-z", "--relative")) - set(unmerged)
    lines += [
        f"{path}: edited while the update ran. Your version is in the tree; to go back, save it"
        f" first: git stash push -- {quote(path)}"
        for path in sorted(stale.intersection(plan.changes.paths))
    ]
    return lines


def unresolved(git: Git) -> list[str]:
    """List the files with conflicts that are not resolved yet."""
    listed = git.paths("ls-files", "--unmerged", "-z")
    return sorted({record.split("\t", 1)[1] for record in listed})


def _index(git: Git) -> Tree:
    files: Tree = {}
    for record in git.paths("ls-files", "-s", "-z"):
        meta, path = record.split("\t", 1)
        mode, name, stage = meta.split()
        if stage == "0":
            files[path] = (mode, name)
    return files


def _has_markers(content: bytes) -> bool:
    return bool(_MARKER.search(content))


def _ships_markers(scratch: Git, scope: Scope, path: str) -> bool:
    """Return whether the template's own file has such lines, for example in a text on conflicts."""
    entry = scope.theirs.get(path)
    return entry is not None and _has_markers(scratch.run("cat-file", "blob", entry[1]))
