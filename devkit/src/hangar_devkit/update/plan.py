"""Work out an update without touching the project: answers, renderings, migrations, merge."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hangar_devkit.update import answers, managed, migrations, rendering
from hangar_devkit.update.answers import Migrated
from hangar_devkit.update.apply import ChangeSet
from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Git, Tree
from hangar_devkit.update.managed import PROJECT_FILE, Trees
from hangar_devkit.update.merge import Merged, Scope, difference, find_scope, merge
from hangar_devkit.update.ownership import Manifest, read_manifest
from hangar_devkit.update.releases import Release, UpdateRequest, changelog_between
from hangar_devkit.update.rendering import Rendering, Source
from hangar_devkit.update.scratch import write_blob, write_directory
from hangar_devkit.update.state import STATE_FILE, TemplateState


@dataclass(frozen=True)
class Plan:
    """All that an update will do.

    Attributes:
        release: The version to go to.
        changelog: What its changelog lists since the project's version.
        notes: What was done to the answers.
        defaults: New answers, with the value that the project gets.
        scripts: Migrations that ran.
        scope: What the update may touch.
        ours: The user's files before the update.
        changes: What is written.
    """

    release: Release
    changelog: str
    notes: list[str]
    defaults: dict[str, Any]
    scripts: list[str]
    scope: Scope
    ours: Tree
    changes: ChangeSet


@dataclass(frozen=True)
class _Renderings:
    """The template before and after, rendered with the answers of each."""

    template: Path  # its new version, with the migrations
    migrated: Migrated
    before: Rendering
    after: Rendering
    adopted: bool


def make_plan(
    git: Git, scratch: Git, clone: Path, state: TemplateState, request: UpdateRequest
) -> Plan:
    """Work out an update.

    Args:
        git: Git on the project, whose tree is clean.
        scratch: Git in the scratch repository.
        clone: A bare clone of the template.
        state: The project's state relative to its template.
        request: What to update to.

    Raises:
        UpdateError: If the update cannot be made; nothing was written.
    """
    rendered = _render(scratch, clone, state, request)
    context = rendered.after.context
    head = git.line("rev-parse", f"HEAD:{git.prefix}")
    ours = scratch.tree(head)
    # What a script would change in an adopted project is not the template's.
    steps = rendered.template / ("migrations" if not state.is_adopted else "no-migrations")
    migrated, scripts = migrations.run_scripts(
        scratch,
        head,
        migrations.find_scripts(steps, request.version, request.release.version),
        rendered.after.root,
    )
    before, manifest = _manifests(scratch, migrated, rendered)
    base, theirs = (write_directory(scratch, r.root) for r in (rendered.before, rendered.after))
    base, theirs = state.taken(base), state.taken(theirs)
    # A new file that a script wrote, from the new rendering, stays as it is.
    base = {path: theirs[path] for path in migrated.keys() - ours if path in theirs} | base
    trees = managed.prepare(scratch, Trees(base, theirs, migrated, state.is_adopted))
    renames = migrations.read_renames(
        rendered.template / "migrations", request.version, request.release.version
    )
    scope = find_scope(scratch, trees, before, manifest, renames)
    same = request.release.commit == state.commit
    checkout = state.data.get("checkout") if same else request.release.tag
    new_state = state.at(request.release.commit, checkout, context).text()
    merged = merge(scratch, scope, request.release.tag)
    written = {**trees.wheel, STATE_FILE: write_blob(scratch, new_state)}
    return Plan(
        release=request.release,
        changelog=_changelog(rendered.template, request),
        notes=rendered.migrated.notes,
        defaults={name: context["cookiecutter"][name] for name in rendered.migrated.new},
        scripts=scripts,
        scope=scope,
        ours=ours,
        changes=_changes(ours, scope, merged, written),
    )


def _render(scratch: Git, clone: Path, state: TemplateState, request: UpdateRequest) -> _Renderings:
    """Render the template before and after for the plan, with the answers that fit each."""
    directory = scratch.directory.parent
    source = rendering.open_clone(scratch, clone, state.directory)
    old = source.checkout(state.commit, directory / "old")
    new = source.checkout(request.release.commit, directory / "new")
    _refuse_backwards(source, state, request)
    steps = answers.read_steps(
        directory / "new" / "migrations", request.version, request.release.version
    )
    questions = answers.read_questions(new)
    migrated = answers.migrate(state.answers, questions, steps, request.given)
    before, after = rendering.render(
        state.template,
        [
            rendering.Job(old, state.commit, state.answers),
            rendering.Job(new, request.release.commit, migrated.answers),
        ],
        directory / "renderings",
    )
    return _Renderings(directory / "new", migrated, before, after, state.is_adopted)


def _refuse_backwards(source: Source, state: TemplateState, request: UpdateRequest) -> None:
    release = request.release
    if request.version is None:
        backwards = not source.is_ancestor(state.commit, release.commit)
    else:
        backwards = release.version < request.version
    if backwards:
        raise UpdateError(
            f"The project is at {state.commit[:12]}, which is later than {release.tag}, or not"
            " part of it.\n"
            "An update goes forward only. To go back, revert the commit of the last update."
        )


def _manifests(scratch: Git, ours: Tree, rendered: _Renderings) -> tuple[Manifest, Manifest]:
    """Return who owns what before the update and after it."""
    if rendered.adopted:  # only files of the template take part
        return Manifest(frozenset(), frozenset()), Manifest(frozenset(), frozenset())
    if PROJECT_FILE not in ours:
        raise UpdateError(
            f"{PROJECT_FILE} is missing, so the owners of the files are not known.\n"
            f"Restore it: git log -1 --format=%H --diff-filter=D -- {PROJECT_FILE}"
            f" names the commit that deleted it."
        )
    text = scratch.blob(ours[PROJECT_FILE][1]).decode(errors="replace")
    mine = read_manifest(text, PROJECT_FILE)
    base, theirs = (
        read_manifest(
            (rendering.root / PROJECT_FILE).read_text(encoding="utf-8"),
            f"the template's {age} {PROJECT_FILE}",
        )
        for rendering, age in ((rendered.before, "old"), (rendered.after, "new"))
    )
    return mine.before(base), mine.merged(base, theirs)


def _changes(ours: Tree, scope: Scope, merged: Merged, written: Tree) -> ChangeSet:
    """List what the update writes: the merged files, and those that it writes by itself."""
    touched = scope.touched
    untouched = {path: entry for path, entry in scope.ours.items() if path not in touched}
    changed = difference(ours, {**untouched, **merged.files, **written})
    files = {path: entry for path, entry in changed.items() if path not in merged.conflicts}
    return ChangeSet(files, merged.conflicts)


def _changelog(template: Path, request: UpdateRequest) -> str:
    path = template / "CHANGELOG.md"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return changelog_between(text, request.version, request.release.version)
