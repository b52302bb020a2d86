"""Plan and apply an adoption: what becomes of each file of the template in the project."""

import itertools
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import ParseError

from hangar_devkit.adopt.guess import guess
from hangar_devkit.adopt.pyproject import Completed, complete
from hangar_devkit.update import apply, handover, releases, rendering, report, state
from hangar_devkit.update.answers import read_questions
from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Git, Tree, scratch_git, user_git, write_blob, write_directory
from hangar_devkit.update.merge import Scope, merge
from hangar_devkit.update.ownership import Manifest, read_manifest
from hangar_devkit.update.verify import unresolved

_CODE = ("src/", "tests/", "data/", "contracts/")
_LEGAL = {"LICENSE"}  # replacing it could change the licence


@dataclass(frozen=True)
class Request:
    """What the user asks for.

    Attributes:
        template: The address of the template's repository.
        tag: A release; the newest when None.
        answers: Answers that win over the guessed ones.
        apply: Whether to write the files.
    """

    template: str
    tag: str | None
    answers: dict[str, Any]
    apply: bool


@dataclass
class Actions:
    """The template's files, by what adoption does with each."""

    add: list[str] = field(default_factory=list)
    replace: list[str] = field(default_factory=list)
    merge: list[str] = field(default_factory=list)
    leave: list[str] = field(default_factory=list)


def find_template(directory: Path) -> str:
    """Return the template's address, from a checkout of it or from a project made from it.

    Raises:
        UpdateError: If the directory is neither.
    """
    if (directory / "cookiecutter.json").is_file():
        origin = user_git(directory).call("remote", "get-url", "origin").stdout.decode().strip()
        return origin or str(directory)
    if (directory / state.STATE_FILE).is_file():
        return state.read_state(directory).template
    raise UpdateError(
        f"{directory} is neither a checkout of the template nor a project made from it. "
        "Give the template's repository: --template URL"
    )


def adopt(root: Path, request: Request) -> list[str]:
    """Show what the template brings to a project and, if requested, write it.

    Returns:
        The files with conflicts.

    Raises:
        UpdateError: If the project cannot be adopted; nothing was written.
    """
    git = state.open_repository(root)
    state.refuse_unfinished(git)
    state.refuse_dirty(git)
    if (root / state.STATE_FILE).exists():
        raise UpdateError(f"{root} has a template already. Update it there: nox -s update")
    release = releases.choose(releases.find_releases(git, request.template), request.tag)
    with tempfile.TemporaryDirectory(prefix="hangar-adopt-") as temporary:
        scratch = scratch_git(Path(temporary).resolve(), root)
        fresh = _render(git, scratch, request, release)
        ours = scratch.tree(git.line("rev-parse", "HEAD"))
        theirs = write_directory(scratch, fresh.root)
        manifest = read_manifest((fresh.root / "pyproject.toml").read_text("utf-8"), "the template")
        actions = sort(theirs, ours, manifest)
        completed = _complete(root, fresh.root, actions.leave)
        template_state = state.TemplateState(
            {"template": request.template, "commit": "", "checkout": "", "context": {}}
        ).at(release.commit, release.tag, fresh.context)
        changes = _changes(scratch, actions, (theirs, ours))
        changes.files["pyproject.toml"] = write_blob(scratch, completed.text)
        changes.files[state.STATE_FILE] = write_blob(scratch, template_state.text())
        apply.refuse_obstacles(root, changes, ours)
        print(_report(release.tag, fresh.context["cookiecutter"], actions, completed))
        if not request.apply:
            print("\nNothing was changed. To apply it, add --yes.")
            return []
        apply.apply(git, scratch, changes, release.tag)
    conflicts = unresolved(git)
    problems = [f"{path}: conflict" for path in conflicts]
    subject, success = f"The adoption of {release.tag}", f"Adopted {release.tag}"
    print("", report.ending(subject, success, problems), sep="\n")
    return conflicts


def _render(
    git: Git, scratch: Git, request: Request, release: releases.Release
) -> rendering.Rendering:
    """Render a release of the template with the project's answers."""
    directory = scratch.directory.parent
    clone = handover.fetch(git, request.template, directory)
    new = rendering.open_clone(scratch, clone, "").checkout(release.commit, directory / "new")
    answers = {**guess(git.directory, read_questions(new)), **request.answers}
    job = rendering.Job(new, release.commit, answers)
    (fresh,) = rendering.render(request.template, [job], directory / "renderings")
    return fresh


def sort(theirs: Tree, ours: Tree, manifest: Manifest) -> Actions:
    """Decide what becomes of each of the template's files."""
    actions = Actions()
    for path, entry in theirs.items():
        owner = manifest.owner(path)
        if path.startswith(_CODE):
            actions.leave.append(path)
        elif path not in ours:
            actions.add.append(path)
        elif entry == ours[path] or owner == "you" or path in _LEGAL:
            actions.leave.append(path)
        else:
            (actions.merge if owner == "shared" else actions.replace).append(path)
    return actions


def _complete(root: Path, fresh: Path, left: Iterable[str]) -> Completed:
    """Complete pyproject.toml, and list in it the template's files that stay the user's."""
    mine, theirs = ((each / "pyproject.toml").read_text("utf-8") for each in (root, fresh))
    try:
        completed = complete(mine, theirs)
    except ParseError as error:
        raise UpdateError(
            f"{root / 'pyproject.toml'} cannot be read: {error}. Fix it, then run again."
        ) from None
    manifest = read_manifest(completed.text, "pyproject.toml")
    document: Any = tomlkit.parse(completed.text)
    for path in left:
        if manifest.owner(path) != "you" and (root / path).exists():
            document["tool"]["cruft"]["skip"].append(path)
    completed.text = tomlkit.dumps(document)
    return completed


def _changes(scratch: Git, actions: Actions, trees: tuple[Tree, Tree]) -> apply.ChangeSet:
    theirs, ours = trees
    shared = {path: theirs[path] for path in actions.merge if path != "pyproject.toml"}
    merged = merge(scratch, Scope({}, shared, ours), "the-template")
    files = {path: theirs[path] for path in (*actions.add, *actions.replace)}
    files |= {path: entry for path, entry in merged.files.items() if entry != ours.get(path)}
    if "noxfile.py" in actions.replace and "nox_local.py" not in ours:
        files["nox_local.py"] = ours["noxfile.py"]
    return apply.ChangeSet(dict(files), merged.conflicts)


def _report(tag: str, context: dict[str, Any], actions: Actions, completed: Completed) -> str:
    answers = [f"{name} = {value}" for name, value in context.items() if not name.startswith("_")]
    sections = {
        f"Answers for {tag} (to change one: --answer NAME=VALUE)": answers,
        "Add": _by_directory(actions.add),
        "Replace (your version stays in git; sessions in noxfile.py move to nox_local.py)": (
            actions.replace
        ),
        "Merge": actions.merge,
        "Add to pyproject.toml": completed.added,
        "Differ in pyproject.toml (yours stay)": completed.differ,
        "Leave": _by_directory(actions.leave),
    }
    parts = (report.section(title, lines) for title, lines in sections.items())
    return "\n\n".join(itertools.chain(*parts))


def _by_directory(paths: list[str]) -> list[str]:
    """List each directory once, with the number of files in it."""
    counts = Counter(path.partition("/")[0] + "/" * ("/" in path) for path in paths)
    return [f"{name} ({count})" if name.endswith("/") else name for name, count in counts.items()]
