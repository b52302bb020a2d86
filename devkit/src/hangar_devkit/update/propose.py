"""Put an update on a branch of its own, conflicts included, and leave the tree as it was.

A scheduled job does this. The branch becomes a pull request, in which a person resolves the
conflicts.
"""

import re

from hangar_devkit.update.apply import restore
from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.finish import stage
from hangar_devkit.update.git import Git
from hangar_devkit.update.plan import Plan
from hangar_devkit.update.report import describe

TRAILER = "Template-Release"  # the job that pushes looks for it, and leaves other commits alone


# What a forge acts on in the text of a commit or a request: references to issues and requests,
# mentions of people, commands at the start of a line, and words that skip CI.
_ACTIVE = re.compile(
    r"(?<![\w/.])@(?=\w)|[#!](?=\d)|\bGH-(?=\d)|(?<=/)(?:issues|pull|merge_requests|work_items)/"
    r"|\[(?=(?:skip|no|ci|actions)[ -])|^skip-checks(?=:)|^/(?=\w)",
    re.IGNORECASE | re.MULTILINE,
)
_BREAK = "\u200b"  # a space of no width: the text reads the same


def refuse_taken(git: Git, branch: str) -> None:
    """Refuse a branch that exists or that git does not allow, and a user whom git does not know.

    Raises:
        UpdateError: With the problem.
    """
    if not git.succeeds("check-ref-format", "--branch", branch):
        raise UpdateError(f"{branch} is not a name for a branch.")
    for role in ("AUTHOR", "COMMITTER"):
        if not git.succeeds("var", f"GIT_{role}_IDENT"):
            raise UpdateError(
                "git does not know who you are, so it cannot commit. Nothing was written. Run:\n"
                '  git config user.name "Your Name" && git config user.email you@example.com'
            )
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

    Raises:
        UpdateError: If git cannot commit; the files are as before.
    """
    description = neutralise(describe(plan))
    title = f"Update to {plan.release.tag} of the template"
    if problems:
        title += f" ({len(problems)} to resolve)"
        listed = neutralise("".join(f"- {line}\n" for line in problems))
        description = f"To resolve:\n{listed}\n{description}"
    message = f"{title}\n\n{description}\n\n{TRAILER}: {plan.release.tag}\n"
    # Nothing but what the update wrote: the user may have saved other files meanwhile.
    paths = {*plan.changes.paths, *written}
    try:
        stage(git, sorted(plan.changes.conflicts))
        tree = git.line("write-tree")
        content = message.encode(errors="backslashreplace")
        made = git.run("commit-tree", tree, "-p", "HEAD", stdin=content).decode().strip()
        git.run("update-ref", f"refs/heads/{branch}", made, "")
    except UpdateError as error:
        restore(git, paths)
        raise UpdateError(f"{error}\nThe files were restored as they were.") from None
    restore(git, paths)
    return f"{title}: committed on the branch {branch}."


def neutralise(text: str) -> str:
    """Return a text on which a forge does not act: it closes no issue and notifies nobody.

    It comes from the template's changelog, and its numbers are those of the template's issues.
    """
    return _ACTIVE.sub(lambda found: f"{found[0]}{_BREAK}", text)
