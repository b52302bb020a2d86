"""Bring an existing Python project under the template: `nox -s adopt -- PATH`.

Tells what would be added, replaced, merged and left, and does nothing without `--yes`. The code
stays the project's own: no example is added, and nothing in src/, tests/ or data/ is changed.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import ParseError

from hangar_devkit.update import apply, handover, releases, rendering, state
from hangar_devkit.update.answers import read_questions
from hangar_devkit.update.cli import answer
from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Git, Tree, scratch_git, user_git, write_blob, write_directory
from hangar_devkit.update.merge import Scope, merge
from hangar_devkit.update.ownership import Manifest, read_manifest
from hangar_devkit.update.verify import unresolved
from tasks.guess import guess
from tasks.pyproject import Completed, complete

REPOSITORY = Path(__file__).parents[1]
_CODE = ("src/", "tests/", "data/", "contracts/")
_LEGAL = {"LICENSE"}  # replacing it could change the licence


@dataclass
class Sorted:
    """The template's files, by what adoption does to each."""

    add: list[str] = field(default_factory=list)
    replace: list[str] = field(default_factory=list)
    merge: list[str] = field(default_factory=list)
    leave: list[str] = field(default_factory=list)


def main(arguments: list[str] | None = None) -> int:
    """Adopt a project.

    Returns:
        0 if it was told or done; 1 if conflicts are left to settle; 2 if it was refused.
    """
    parser = argparse.ArgumentParser(prog="nox -s adopt --", description=__doc__)
    parser.add_argument("path", type=Path, help="the project: a git repository")
    parser.add_argument("--yes", action="store_true", help="do it, rather than tell")
    parser.add_argument("--to", metavar="TAG", help="a release other than the newest")
    parser.add_argument("--template", help="its address, if not this clone's origin")
    parser.add_argument("--answer", metavar="NAME=VALUE", action="append", default=[], type=answer)
    wanted = parser.parse_args(arguments)
    try:
        return _adopt(wanted.path.resolve(), wanted)
    except (UpdateError, ParseError) as error:
        print(error, file=sys.stderr)
        return 2


def _adopt(root: Path, wanted: argparse.Namespace) -> int:
    git = state.open_repository(root)
    state.refuse_unfinished(git)
    state.refuse_dirty(git)
    if (root / state.STATE_FILE).exists():
        raise UpdateError(f"{root} has a template already; its own `nox -s update` updates it.")
    template = wanted.template or _origin()
    release = releases.choose(releases.find_releases(git, template), wanted.to)
    with tempfile.TemporaryDirectory(prefix="hangar-adopt-") as temporary:
        scratch = scratch_git(Path(temporary).resolve(), root)
        clone = handover.fetch(git, template, scratch.directory.parent)
        source = rendering.open_clone(scratch, clone, "")
        new = source.checkout(release.commit, scratch.directory.parent / "new")
        answers = {**guess(root, read_questions(new)), **dict(wanted.answer)}
        (fresh,) = rendering.render(
            template,
            [rendering.Job(new, release.commit, answers)],
            scratch.directory.parent / "renderings",
        )
        ours = scratch.tree(git.line("rev-parse", "HEAD"))
        theirs = write_directory(scratch, fresh.root)
        manifest = read_manifest((fresh.root / "pyproject.toml").read_text("utf-8"), "the template")
        found = sort(theirs, ours, manifest)
        completed = _complete(root, fresh.root, found.leave)
        link = state.TemplateState(
            {"template": template, "commit": "", "checkout": "", "context": {}}
        )
        link = link.at(release.commit, release.tag, fresh.context)
        landing = _landing(scratch, found, (theirs, ours))
        landing.files["pyproject.toml"] = write_blob(scratch, completed.text)
        landing.files[state.STATE_FILE] = write_blob(scratch, link.text())
        apply.refuse_obstacles(root, landing, ours)
        print(_report(release.tag, fresh.context["cookiecutter"], found, completed))
        if not wanted.yes:
            print("\nNothing was changed. To do it, add --yes.")
            return 0
        apply.apply(git, scratch, landing, release.tag)
    return _verdict(unresolved(git))


def _origin() -> str:
    found = user_git(REPOSITORY).call("remote", "get-url", "origin").stdout.decode().strip()
    return found or str(REPOSITORY)


def sort(theirs: Tree, ours: Tree, manifest: Manifest) -> Sorted:
    """Decide what becomes of each of the template's files."""
    found = Sorted()
    for path, entry in theirs.items():
        owner = manifest.owner(path)
        if path.startswith(_CODE):
            found.leave.append(path)
        elif path not in ours:
            found.add.append(path)
        elif entry == ours[path] or owner == "you" or path in _LEGAL:
            found.leave.append(path)
        else:
            (found.merge if owner == "shared" else found.replace).append(path)
    return found


def _complete(root: Path, fresh: Path, left: Iterable[str]) -> Completed:
    """Complete pyproject.toml, and name in it the template's files that stay the user's."""
    mine, theirs = ((place / "pyproject.toml").read_text("utf-8") for place in (root, fresh))
    completed = complete(mine, theirs)
    manifest = read_manifest(completed.text, "pyproject.toml")
    document: Any = tomlkit.parse(completed.text)
    for path in left:
        if manifest.owner(path) != "you" and (root / path).exists():
            document["tool"]["cruft"]["skip"].append(path)
    completed.text = tomlkit.dumps(document)
    return completed


def _landing(scratch: Git, found: Sorted, trees: tuple[Tree, Tree]) -> apply.ChangeSet:
    theirs, ours = trees
    shared = {path: theirs[path] for path in found.merge if path != "pyproject.toml"}
    merged = merge(scratch, Scope({}, shared, ours), "the-template")
    files = {path: theirs[path] for path in (*found.add, *found.replace)}
    files |= {path: entry for path, entry in merged.files.items() if entry != ours.get(path)}
    if "noxfile.py" in found.replace and "nox_local.py" not in ours:
        files["nox_local.py"] = ours["noxfile.py"]
    return apply.ChangeSet(dict(files), merged.conflicts)


def _report(tag: str, context: dict[str, Any], found: Sorted, completed: Completed) -> str:
    answers = [f"{name} = {value}" for name, value in context.items() if not name.startswith("_")]
    sections = {
        f"Answers for {tag} (to change one: --answer NAME=VALUE)": answers,
        "Add": _brief(found.add),
        "Replace (yours stays in git; sessions in noxfile.py move to nox_local.py)": found.replace,
        "Merge": found.merge,
        "Add to pyproject.toml": completed.added,
        "Differ in pyproject.toml, where yours stays": completed.differ,
        "Leave": _brief(found.leave),
    }
    return "\n\n".join(
        f"{title}:" + "".join(f"\n  {line}" for line in lines)
        for title, lines in sections.items()
        if lines
    )


def _brief(paths: list[str]) -> list[str]:
    """Name a directory once, with the number of files in it."""
    counts = Counter(path.partition("/")[0] + "/" * ("/" in path) for path in paths)
    return [f"{name} ({count})" if name.endswith("/") else name for name, count in counts.items()]


def _verdict(unsettled: list[str]) -> int:
    if unsettled:
        print("\nBoth have these; settle them and `git add` them:", *unsettled, sep="\n  ")
    print(f"\nAdopted. Look at it, run `nox`, then commit; or go back: {state.WAY_BACK}")
    return 1 if unsettled else 0


if __name__ == "__main__":
    sys.exit(main())
