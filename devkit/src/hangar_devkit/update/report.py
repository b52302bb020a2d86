"""Report what an update did, what it could not do, and how to undo it."""

from hangar_devkit.update.plan import Plan
from hangar_devkit.update.state import WAY_BACK


def describe(plan: Plan) -> str:
    """Describe what the update changes."""
    parts = []
    if plan.changelog:
        parts.append(plan.changelog)
    parts += _section("Answers", plan.notes + _defaults(plan))
    parts += _section("Migrations", plan.scripts)
    parts += _section("Files", _files(plan))
    scope = plan.scope
    parts += _section("New in your own paths", scope.created)
    parts += _section(
        "New in the template, not written because you have a file of that name", scope.kept
    )
    parts += _section(
        "Changes that were not applied",
        [f"{path}: {why}" for path, why in scope.unreached.items()],
    )
    followed = [f"{old} -> {new}" for old, new in scope.followed.items()]
    parts += _section("Renamed by you; the changes follow", followed)
    parts += _section("Files of the template that you edited; your edits were merged", scope.edited)
    return "\n\n".join(parts)


def verdict(plan: Plan, problems: list[str]) -> str:
    """Describe how the update ended.

    Args:
        plan: What was done.
        problems: What keeps the update from being complete.
    """
    if problems:
        lines = "".join(f"\n  {line}" for line in problems)
        return (
            f"The update to {plan.release.tag} is not complete:{lines}\n"
            f"Resolve these, `git add` them and commit; or go back: {WAY_BACK}"
        )
    return f"Updated to {plan.release.tag}. Review it, then commit; or go back: {WAY_BACK}"


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


def _section(title: str, lines: list[str]) -> list[str]:
    return [f"{title}:" + "".join(f"\n  {line}" for line in lines)] if lines else []
