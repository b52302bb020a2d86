"""Report which files of the template a project has edited since it was rendered or updated."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from hangar_devkit.update import managed, rendering, state, worktree
from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Git, Tree, decode
from hangar_devkit.update.ownership import Manifest, read_manifest
from hangar_devkit.update.scratch import scratch_directory, write_directory

IN_SYNC, DRIFTED = 0, 1


@dataclass
class Drift:
    """The template's files that differ in the work tree."""

    edited: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)


def report_drift(root: Path) -> int:
    """Print the template's files that the user edited or deleted, with what to do about each.

    Returns:
        0 if there are none, 1 if there are some.

    Raises:
        UpdateError: If the project's version of the template cannot be rendered.
    """
    git = worktree.open_project(root)
    own = state.read_state(root)
    with scratch_directory() as directory:
        scratch, source = rendering.open_template(git, own.template, own.directory, directory)
        checkout = source.checkout(own.commit, directory / "old")
        job = rendering.Job(checkout, own.commit, own.answers)
        (rendered,) = rendering.render(own.template, [job], directory / "renderings")
        base = own.taken(write_directory(scratch, rendered.root))
    found = _compare(git, own, base)
    for title, paths in (("edited", found.edited), ("deleted", found.deleted)):
        if paths:
            print(f"Files of the template that were {title}:", *paths, sep="\n  ")
    if not (found.edited or found.deleted):
        print("No file of the template was edited.")
        return IN_SYNC
    print(
        "\nThe next update merges its changes into these files, which can conflict. To make one"
        "\nyours, so that updates leave it alone, list it in pyproject.toml: [tool.cruft] skip."
    )
    return DRIFTED


def _compare(git: Git, own: state.TemplateState, base: Tree) -> Drift:
    checked = own.is_adopted or managed.takes_wheel(git.directory)
    manifest = _manifest(git, own)
    compared = [
        path
        for path in sorted(base)
        if manifest.owner(path) == "template" and (checked or not managed.WHEEL.fullmatch(path))
    ]
    present = [path for path in compared if _is_file(git.directory / path)]
    blobs, modes = _objects(git, present), _modes(git)
    found = Drift(deleted=sorted(set(compared) - set(present)))
    for path in present:
        # From the index, where the file system may not keep it.
        mode = modes.get(path) or _mode(git.directory / path)
        if (mode, blobs[path]) != base[path]:
            found.edited.append(path)
    return found


def _manifest(git: Git, own: state.TemplateState) -> Manifest:
    if own.is_adopted:
        return Manifest(frozenset(), frozenset())
    try:
        text = (git.directory / managed.PROJECT_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UpdateError(
            f"{managed.PROJECT_FILE} is missing, so the owners of the files are not known."
        ) from None
    return read_manifest(text, managed.PROJECT_FILE)


def _is_file(path: Path) -> bool:
    return path.is_symlink() or path.is_file()


def _objects(git: Git, paths: list[str]) -> dict[str, str]:
    """Return the names of the files' contents, in the form in which git would store them."""
    links = [path for path in paths if (git.directory / path).is_symlink()]
    files = [path for path in paths if path not in links]
    # git reads these from the top of the repository. No file of the template has a line end in it.
    listed = "".join(f"{git.prefix}{path}\n" for path in files)
    names = git.run("hash-object", "--stdin-paths", stdin=listed.encode(errors="surrogateescape"))
    found = dict(zip(files, decode(names).split(), strict=True))
    for path in links:
        target = os.fsencode((git.directory / path).readlink())
        name = git.run("hash-object", "--no-filters", "--stdin", stdin=target)
        found[path] = decode(name).strip()
    return found


def _modes(git: Git) -> dict[str, str]:
    records = (record.split("\t", 1) for record in git.paths("ls-files", "-s", "-z"))
    return {path: meta.partition(" ")[0] for meta, path in records}


def _mode(path: Path) -> str:
    if path.is_symlink():
        return "120000"
    return "100755" if os.access(path, os.X_OK) else "100644"
