"""Merge what the template changed into what the user has, in a scratch repository.

Three trees go in: the old rendering (base), the new one (theirs), the user's last commit (ours).
Each is cut down to the files that an update may touch. git merges them and follows renames.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Entry, Git, Tree
from hangar_devkit.update.managed import Trees
from hangar_devkit.update.migrations import Rename
from hangar_devkit.update.ownership import Manifest, parents
from hangar_devkit.update.scratch import write_tree

# The tests of the example. Those in subdirectories belong to options, such as the pipeline.
_EXAMPLE_TEST = re.compile(r"tests/(test_[^/]*|[^/]*_test)\.py")
# git must not guess: a new file goes where the template puts it.
_MERGE = (
    *("-c", "merge.renames=true", "-c", "merge.directoryRenames=false", "-c", "gc.auto=0"),
    *("-c", "merge.renameLimit=0", "-c", "maintenance.auto=false", "-c", "rerere.enabled=false"),
)


@dataclass(frozen=True)
class Conflict:
    """A file that the user has to resolve: its stages for the index, its text with markers."""

    stages: list[tuple[str, str, str]]  # mode, object name, stage
    content: bytes | None


@dataclass(frozen=True)
class Scope:
    """What an update may touch, and what its report names.

    Attributes:
        base: The old rendering, without what the update leaves alone.
        theirs: The new rendering, likewise.
        ours: All files of the user.
        created: New files in the user's own paths.
        kept: New files of the template where the user has one of their own.
        unreached: The template's changes to files or directories that the user removed.
        followed: Files that the user renamed, with the new name.
        edited: Files of the template that the user edited.
    """

    base: Tree
    theirs: Tree
    ours: Tree
    created: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    unreached: dict[str, str] = field(default_factory=dict)
    followed: dict[str, str] = field(default_factory=dict)
    edited: list[str] = field(default_factory=list)

    @property
    def touched(self) -> set[str]:
        """All paths that take part in the merge: what the template changed, by each name."""
        changed = set(difference(self.base, self.theirs))
        return changed | {new for old, new in self.followed.items() if old in changed}


@dataclass(frozen=True)
class Merged:
    """The outcome: files without a question, and conflicts."""

    files: Tree
    conflicts: dict[str, Conflict]


def find_scope(
    scratch: Git,
    trees: Trees,
    before: Manifest,
    manifest: Manifest,
    renames: Iterable[Rename] = (),
) -> Scope:
    """Decide which files the update may touch.

    Args:
        scratch: Git in the scratch repository.
        trees: The old rendering, the new one, and the user's files.
        before: Who owns what, before the update.
        manifest: Who owns what, after the update.
        renames: Files that the template renamed, where the texts alone do not show it.
    """
    base, theirs, ours = trees.base, trees.theirs, trees.ours

    def is_yours(path: str) -> bool:
        # A release that no longer has a file of the user's does not take it away.
        return "you" in {manifest.owner(path), "" if path in theirs else before.owner(path)}

    owned = {path: entry for path, entry in base.items() if not is_yours(path)}
    changes = _changes(scratch, owned, ours)
    followed = {old: new for status, old, new in changes if status == "R"}
    deleted = {old for status, old, _ in changes if status == "D"}
    edited = [
        new
        for status, old, new in changes
        if status in "MT" or (status == "R" and owned[old] != ours[new])
        if manifest.owner(old) == "template"
    ]
    scope = Scope({}, {}, ours, followed=followed, edited=edited)
    scope.base.update((path, entry) for path, entry in owned.items() if path not in deleted)
    renamed = {new: old for status, old, new in _changes(scratch, base, theirs) if status == "R"}
    renamed |= {
        path: old
        for path in theirs
        for rename in renames
        if (old := rename.source(path)) and old in base.keys() | ours.keys()
    }
    new_files = _NewFiles(
        renamed=renamed,
        deleted=deleted,
        deleted_directories=_deleted_directories(base, ours),
        yours={path for path in {*theirs, *renamed.values()} if is_yours(path)},
        has_example=_has_example(trees, manifest),
        ours=ours,
    )
    for path, entry in theirs.items():
        users = manifest.owner(path) == "you"
        if path in deleted and entry != base[path]:
            scope.unreached[path] = "you deleted it"
        elif path in deleted or (path in base and users):
            continue
        elif path in base:
            scope.theirs[path] = entry
        elif users and path in ours:
            scope.kept.append(path)
        elif why := new_files.unwanted(path):
            scope.unreached[path] = why
        else:
            scope.theirs[path] = entry
            if users:
                scope.created.append(path)
    return scope


def merge(scratch: Git, scope: Scope, label: str) -> Merged:
    """Merge in the work tree of the scratch repository.

    Args:
        scratch: Git in the scratch repository.
        scope: What the update may touch.
        label: What conflict markers call the template's side.

    Raises:
        UpdateError: If git cannot merge at all.
    """
    touched = scope.touched
    trees = [
        write_tree(scratch, {path: entry for path, entry in files.items() if path in touched})
        for files in (scope.base, scope.ours, scope.theirs)
    ]
    base = scratch.line("commit-tree", trees[0], "-m", "the template, as it was")
    left, right = (
        scratch.line("commit-tree", tree, "-p", base, "-m", message)
        for tree, message in ((trees[1], "the project"), (trees[2], "the template, as it is"))
    )
    scratch.run("update-ref", "HEAD", left)
    scratch.run("tag", label, right)
    scratch.run("reset", "--quiet", "--hard", left)
    done = scratch.call(*_MERGE, "merge", "--quiet", "--no-commit", "--no-ff", label)
    if done.returncode not in {0, 1} or b"fatal" in done.stderr:
        raise UpdateError(f"git could not merge: {done.stderr.decode(errors='replace').strip()}")
    return _read_merged(scratch)


def _read_merged(scratch: Git) -> Merged:
    files: Tree = {}
    stages: dict[str, list[tuple[str, str, str]]] = {}
    for record in scratch.paths("ls-files", "-s", "-z"):
        meta, path = record.split("\t", 1)
        mode, name, stage = meta.split()
        if stage == "0":
            files[path] = (mode, name)
        else:
            stages.setdefault(path, []).append((mode, name, stage))
    conflicts = {}
    for path, entries in stages.items():
        file = scratch.directory / path
        # A link stays as the user has it; what it names from here is another file.
        is_text = file.is_file() and not file.is_symlink()
        conflicts[path] = Conflict(entries, file.read_bytes() if is_text else None)
    return Merged(files, conflicts)


def _changes(scratch: Git, old: Tree, new: Tree) -> list[tuple[str, str, str]]:
    """Compare two trees: status letter, old path, new path."""
    arguments = ("diff-tree", "-r", "-z", "-M", "-l0", "--diff-filter=DMRT", "--name-status")
    names = (write_tree(scratch, old), write_tree(scratch, new))
    fields = iter(scratch.paths(*arguments, *names))
    changes = []
    for status in fields:
        path = next(fields)
        changes.append((status[0], path, next(fields) if status[0] == "R" else path))
    return changes


@dataclass(frozen=True)
class _NewFiles:
    """What decides whether the project gets a new file of the template."""

    renamed: dict[str, str]  # new path and old
    deleted: set[str]
    deleted_directories: set[str]
    yours: set[str]
    has_example: bool
    ours: Tree

    def unwanted(self, path: str) -> str:
        """Return why the project does not get a new file; nothing if it does."""
        source = self.renamed.get(path, "")
        if source and (source in self.deleted or source in self.yours):
            return f"{'you have' if source in self.ours else 'you deleted'} {source}"
        if self.deleted_directories.intersection(parents(path)):
            return "you deleted its directory"
        if path in self.yours and _EXAMPLE_TEST.fullmatch(path) and not self.has_example:
            return "a test of the template's example, which is not what you have"
        return ""


def _has_example(trees: Trees, manifest: Manifest) -> bool:
    """Return whether the project's code is the new release's example, so that its tests fit."""
    code = {path for path in trees.theirs if path.startswith("src/")}
    yours = {path for path in code if manifest.owner(path) == "you"}
    new = trees.theirs.keys() - trees.base.keys() - trees.ours.keys()
    return all(
        trees.ours.get(path) == trees.theirs[path]
        for path in yours - new
        if not path.endswith("__init__.py")
    )


def _deleted_directories(base: Iterable[str], ours: Iterable[str]) -> set[str]:
    """Return the directories of the old rendering in which the user has no file left."""
    return {above for path in base for above in parents(path)} - {
        above for path in ours for above in parents(path)
    }


def difference(before: Tree, after: Tree) -> dict[str, Entry | None]:
    """Return the files that differ, with their new entries; None for a deleted file."""
    return {
        path: after.get(path)
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    }
