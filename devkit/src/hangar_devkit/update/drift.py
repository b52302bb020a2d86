"""Report which files of the template a project has edited since it was rendered or updated."""

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hangar_devkit.update import managed, rendering, state
from hangar_devkit.update.git import Git, Tree, decode, write_directory
from hangar_devkit.update.ownership import read_manifest

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
    git = state.open_project(root)
    own = state.read_state(root)
    with tempfile.TemporaryDirectory(prefix="hangar-update-") as temporary:
        directory = Path(temporary).resolve()
        scratch, source = rendering.open_template(git, own.template, own.directory, directory)
        checkout = source.checkout(own.commit, directory / "old")
        job = rendering.Job(checkout, own.commit, own.answers)
        (rendered,) = rendering.render(own.template, [job], directory / "renderings")
        base = write_directory(scratch, rendered.root)
    found = _compare(git, base)
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


def _compare(git: Git, base: Tree) -> Drift:
    text = (git.directory / managed.PROJECT_FILE).read_text(encoding="utf-8")
    manifest = read_manifest(text, managed.PROJECT_FILE)
    has_wheel = managed.takes_wheel(git.directory)
    found = Drift()
    for path, (mode, blob) in sorted(base.items()):
        if manifest.owner(path) != "template" or (managed.WHEEL.fullmatch(path) and not has_wheel):
            continue
        file = git.directory / path
        if not file.is_symlink() and not file.is_file():
            found.deleted.append(path)
        elif _object(git, path) != blob or _mode(git, path) != mode:
            found.edited.append(path)
    return found


def _object(git: Git, path: str) -> str:
    """Return the name of a file's content, in the form in which git would store it."""
    file = git.directory / path
    if file.is_symlink():
        target = os.fsencode(file.readlink())
        return decode(git.run("hash-object", "--no-filters", "--stdin", stdin=target)).strip()
    return git.line("hash-object", "--", path)


def _mode(git: Git, path: str) -> str:
    """Return a file's mode, from the index where the file system may not keep it."""
    listed = git.paths("--literal-pathspecs", "ls-files", "-s", "-z", "--", path)
    if listed:
        return listed[0].partition(" ")[0]
    return "100755" if os.access(git.directory / path, os.X_OK) else "100644"
