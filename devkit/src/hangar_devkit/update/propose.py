"""Put an update on a branch of its own, conflicts included, and leave the tree as it was.

A scheduled job does this. The branch becomes a pull request, in which a person resolves the
conflicts.
"""

from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.finish import stage
from hangar_devkit.update.git import Git
from hangar_devkit.update.plan import Plan
from hangar_devkit.update.report import describe

TRAILER = "Template-Release"  # the job that pushes looks for it, and leaves other commits alone


def refuse_taken(git: Git, branch: str) -> None:
    """Refuse a branch that exists or that git does not allow.

    Raises:
        UpdateError: With the problem.
    """
    if not git.succeeds("check-ref-format", "--branch", branch):
        raise UpdateError(f"{branch} is not a name for a branch.")
    if git.succeeds("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}"):
        raise UpdateError(
            f"There is a branch {branch} already. Delete it, or name another:"
            f" git branch -D {branch}"
        )


def commit(git: Git, branch: str, plan: Plan, written: list[str], problems: list[str]) -> str:
    """Commit what the update wrote onto a new branch, then restore the files from before.

    Args:
        git: Git on the project.
        branch: The branch to make.
        plan: What was done.
        written: What was written and staged after the plan.
        problems: What keeps the update from being complete; named first in the message.

    Returns:
        A message for the user.
    """
    description = describe(plan)
    title = f"Update to {plan.release.tag} of the template"
    if problems:
        title += f" ({len(problems)} to resolve)"
        listed = "".join(f"- {line}\n" for line in problems)
        description = f"To resolve:\n{listed}\n{description}"
    message = f"{title}\n\n{description}\n\n{TRAILER}: {plan.release.tag}\n"
    stage(git, sorted(plan.changes.conflicts))
    tree = git.line("write-tree")
    made = git.run("commit-tree", tree, "-p", "HEAD", stdin=message.encode()).decode().strip()
    git.run("update-ref", f"refs/heads/{branch}", made, "")
    # Nothing but what the update wrote: the user may have saved other files meanwhile.
    _restore(git, sorted({*plan.changes.paths, *written}))
    return f"{title}: committed on the branch {branch}."


def _restore(git: Git, paths: list[str]) -> None:
    """Restore files as they are in the last commit; those that it does not have are deleted."""
    listed = "".join(f"{path}\0" for path in paths).encode()
    git.run(
        *("--literal-pathspecs", "restore", "--source=HEAD", "--staged", "--worktree"),
        *("--pathspec-from-file=-", "--pathspec-file-nul"),
        stdin=listed,
    )
