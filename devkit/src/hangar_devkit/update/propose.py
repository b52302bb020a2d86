"""Put an update on a branch of its own, conflicts included, and leave the tree as it was.

This is what a scheduled job does: the branch becomes a pull request, in which a person settles
what git could not.
"""

from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Git
from hangar_devkit.update.plan import Plan
from hangar_devkit.update.state import WAY_BACK

TRAILER = "Template-Release"  # who pushes looks for it, to leave a person's commits alone


def refuse_taken(git: Git, branch: str) -> None:
    """Refuse a branch that exists or that git does not allow.

    Raises:
        UpdateError: With what is wrong.
    """
    if not git.succeeds("check-ref-format", "--branch", branch):
        raise UpdateError(f"{branch} is not a name for a branch.")
    if git.succeeds("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}"):
        raise UpdateError(
            f"There is a branch {branch} already. Delete it, or name another:"
            f" git branch -D {branch}"
        )


def commit(git: Git, branch: str, plan: Plan, told: str, wrong: list[str]) -> str:
    """Commit what the update left in the tree onto a new branch, then go back to before it.

    Args:
        git: Git on the project.
        branch: The branch to make.
        plan: What was done.
        told: The report, for the commit's message.
        wrong: What the gate found; named first in the message.

    Returns:
        What to tell the user.
    """
    title = f"Update to {plan.release.tag} of the template"
    if wrong:
        title += f" ({len(wrong)} to settle)"
        told = "To settle:\n" + "".join(f"- {line}\n" for line in wrong) + "\n" + told
    message = f"{title}\n\n{told}\n\n{TRAILER}: {plan.release.tag}\n"
    git.run("add", "--all")
    tree = git.line("write-tree")
    made = git.run("commit-tree", tree, "-p", "HEAD", stdin=message.encode()).decode().strip()
    git.run("update-ref", f"refs/heads/{branch}", made, "")
    git.run(*WAY_BACK.split()[1:])
    return f"{title}: committed on the branch {branch}."
