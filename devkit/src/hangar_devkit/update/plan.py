"""Work out an update without touching the project: answers, renderings, migrations, merge."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hangar_devkit.update import answers, migrations, rendering
from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Entry, Git, Tree
from hangar_devkit.update.land import Landing
from hangar_devkit.update.merge import Scope, difference, merge, scope, write_tree
from hangar_devkit.update.ownership import Manifest, read_manifest
from hangar_devkit.update.releases import Release, Version, changelog_between
from hangar_devkit.update.state import LINK, Link


@dataclass(frozen=True)
class Plan:
    """All that an update will do.

    Attributes:
        release: The version to go to.
        changelog: What its changelog says since the project's version.
        notes: What was done to the answers.
        defaults: New answers, with what the project got.
        scripts: Migrations that ran.
        ours: The user's files before the update.
    """

    release: Release
    changelog: str
    notes: list[str]
    defaults: dict[str, Any]
    scripts: list[str]
    scope: Scope
    ours: Tree
    landing: Landing


@dataclass(frozen=True)
class Wish:
    """What is asked for: from which version to which release, with which answers."""

    version: Version | None
    release: Release
    given: dict[str, Any]


def make_plan(git: Git, workshop: Git, link: Link, wish: Wish) -> Plan:
    """Work out an update.

    Args:
        git: Git on the project, whose tree is clean.
        workshop: Git in the workshop.
        link: The project's link to the template.
        wish: What to update to.

    Raises:
        UpdateError: If the update cannot be made; nothing was written.
    """
    place = workshop.directory.parent
    source = rendering.fetch(git, workshop, link.template, link.directory)
    old = source.checkout(link.commit, place / "old")
    new = source.checkout(wish.release.commit, place / "new")
    _refuse_backwards(source, link, wish)
    steps = answers.read_steps(place / "new" / "migrations", wish.version, wish.release.version)
    migrated = answers.migrate(link.answers, answers.read_questions(new), steps, wish.given)
    before, after = rendering.render(
        link.template,
        [
            rendering.Job(old, link.commit, link.answers),
            rendering.Job(new, wish.release.commit, migrated.answers),
        ],
        place / "renderings",
    )
    workshop.run("update-ref", "refs/project/head", git.line("rev-parse", "HEAD"))
    ours = workshop.tree("refs/project/head")
    tree, scripts = migrations.run_scripts(
        workshop, place / "new" / "migrations", wish.version, wish.release.version
    )
    migrated_ours = workshop.tree(tree) if tree else ours
    trees = (
        write_tree(workshop, before.root),
        write_tree(workshop, after.root),
        tree or "refs/project/head",
    )
    found = scope(workshop, trees, _manifest(git, before.root, after.root))
    merged = merge(workshop, found, migrated_ours, wish.release.tag)
    touched = found.touched
    same = wish.release.commit == link.commit
    checkout = link.data.get("checkout") if same else wish.release.tag
    moved = link.moved(wish.release.commit, checkout, after.context)
    final = {
        **{path: entry for path, entry in migrated_ours.items() if path not in touched},
        **merged.files,
        LINK: store_text(workshop, moved.text()),
    }
    files = {
        path: entry
        for path, entry in difference(ours, final).items()
        if path not in merged.conflicts
    }
    log = place / "new" / "CHANGELOG.md"
    text = log.read_text(encoding="utf-8") if log.exists() else ""
    return Plan(
        release=wish.release,
        changelog=changelog_between(text, wish.version, wish.release.version),
        notes=migrated.notes,
        defaults={name: after.context["cookiecutter"][name] for name in migrated.new},
        scripts=scripts,
        scope=found,
        ours=ours,
        landing=Landing(files, merged.conflicts),
    )


def _refuse_backwards(source: rendering.Source, link: Link, wish: Wish) -> None:
    if not source.is_ancestor(link.commit, wish.release.commit):
        raise UpdateError(
            f"The project is at {link.commit[:12]}, which is not part of {wish.release.tag}.\n"
            "An update goes forward only. To go back, revert the commit of the last update."
        )


def _manifest(git: Git, before: Path, after: Path) -> Manifest:
    mine, base, theirs = (
        read_manifest((root / "pyproject.toml").read_text(encoding="utf-8"), where)
        for root, where in (
            (git.directory, "pyproject.toml"),
            (before, "the template's old pyproject.toml"),
            (after, "the template's new pyproject.toml"),
        )
    )
    return mine.merged(base, theirs)


def store_text(workshop: Git, text: str) -> Entry:
    """Store a text as a file's content; return its entry for a tree."""
    written = workshop.run("hash-object", "-w", "--stdin", stdin=text.encode())
    return ("100644", written.decode().strip())
