"""Report what an update did, what it could not do, and how to undo it."""

from hangar_devkit.update.plan import Plan
from hangar_devkit.update.worktree import WAY_BACK


def describe(plan: Plan) -> str:
    """Describe what the update changes."""
    parts = []
    if plan.changelog:
        parts.append(plan.changelog)
    parts += section("Answers", plan.notes + _defaults(plan))
    parts += section("Migrations", plan.scripts)
    parts += section("Files", _files(plan))
    scope = plan.scope
    parts += section("New in your own paths", scope.created)
    parts += section(
        "New in the template, not written because you have a file of that name", scope.kept
    )
    parts += section(
        "Changes that were not applied",
        [f"{path}: {why}" for path, why in scope.unreached.items()],
    )
    followed = [f"{old} -> {new}" for old, new in scope.followed.items()]
    parts += section("Renamed by you; the changes follow", followed)
    parts += section("Files of the template that you edited; your edits were merged", scope.edited)
    return "\n\n".join(parts)


def verdict(plan: Plan, problems: list[str], way_back: str) -> str:
    """Describe how the update ended.

    Args:
        plan: What was done.
        problems: What keeps the update from being complete.
        way_back: The command that undoes it.
    """
    tag = plan.release.tag
    return ending(f"The update to {tag}", f"Updated to {tag}", problems, way_back)


def ending(subject: str, success: str, problems: list[str], way_back: str = WAY_BACK) -> str:
    """Describe how a change of the project ended.

    Args:
        subject: What was done, if it has problems.
        success: What was done, if it has none.
        problems: What keeps it from being complete.
        way_back: The command that undoes it.
    """
    if problems:
        lines = "".join(f"\n  {line}" for line in problems)
        return (
            f"{subject} is not complete:{lines}\n"
            f"Resolve these, `git add` them and commit; or go back: {way_back}"
        )
    return f"{success}. Review it, then commit; or go back: {way_back}"


def section(title: str, lines: list[str]) -> list[str]:
    """Return a titled list as one part of a report, or no part without lines."""
    return [f"{title}:" + "".join(f"\n  {line}" for line in lines)] if lines else []


def _defaults(plan: Plan) -> list[str]:
    return [
        f"{name} is new and took {value}; to change it: --answer {name}=VALUE"
        for name, value in plan.defaults.items()
    ]


def _files(plan: Plan) -> list[str]:
    lines = []
    for path in plan.changes.paths:
        if path in plan.changes.conflicts:
            mark = "U"
        elif plan.changes.files[path] is None:
            mark = "D"
        else:
            mark = "M" if path in plan.ours else "A"
        lines.append(f"{mark} {path}")
    return lines
