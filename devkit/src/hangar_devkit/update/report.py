"""Say what an update did, what it could not do, and how to go back."""

from hangar_devkit.update.plan import Plan
from hangar_devkit.update.state import WAY_BACK


def describe(plan: Plan) -> str:
    """Tell what the update brings."""
    parts = []
    if plan.changelog:
        parts.append(plan.changelog)
    parts += _section("Answers", plan.notes + _defaults(plan))
    parts += _section("Migrations", plan.scripts)
    parts += _section("Files", _files(plan))
    found = plan.scope
    parts += _section("New in your own paths", found.created)
    parts += _section("New in the template, where you have a file of that name", found.kept)
    parts += _section(
        "Changes that could not reach you",
        [f"{path}: {why}" for path, why in found.unreached.items()],
    )
    followed = [f"{old} -> {new}" for old, new in found.followed.items()]
    parts += _section("Renamed by you, followed", followed)
    parts += _section("The template's, edited by you; your edits were merged", found.edited)
    return "\n\n".join(parts)


def verdict(plan: Plan, wrong: list[str]) -> str:
    """Tell how the update ended.

    Args:
        plan: What was done.
        wrong: What the gate found.
    """
    if wrong:
        lines = "".join(f"\n  {line}" for line in wrong)
        return (
            f"The update to {plan.release.tag} is not done:{lines}\n"
            f"Settle these, `git add` them and commit; or go back: {WAY_BACK}"
        )
    return f"Updated to {plan.release.tag}. Look at it, then commit; or go back: {WAY_BACK}"


def _defaults(plan: Plan) -> list[str]:
    return [
        f"{name} is new and took {value}; to change it: --answer {name}=VALUE"
        for name, value in plan.defaults.items()
    ]


def _files(plan: Plan) -> list[str]:
    lines = []
    for path in plan.landing.paths:
        if path in plan.landing.conflicts:
            mark = "U"
        elif plan.landing.files[path] is None:
            mark = "D"
        else:
            mark = "M" if path in plan.ours else "A"
        lines.append(f"{mark} {path}")
    return lines


def _section(title: str, lines: list[str]) -> list[str]:
    return [f"{title}:" + "".join(f"\n  {line}" for line in lines)] if lines else []
