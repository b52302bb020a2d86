"""Carry out an update: plan, write, verify, report."""

import argparse
import sys
from pathlib import Path

from hangar_devkit.update import apply, finish, propose, report, worktree
from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Git
from hangar_devkit.update.plan import make_plan
from hangar_devkit.update.releases import UpdateRequest
from hangar_devkit.update.scratch import scratch_directory, scratch_git
from hangar_devkit.update.state import TemplateState
from hangar_devkit.update.verify import verify

DONE, INCOMPLETE = 0, 1


def execute(
    git: Git,
    clone: Path,
    own: TemplateState,
    request: UpdateRequest,
    options: argparse.Namespace,
) -> int:
    """Make an update.

    Args:
        git: Git on the project, whose tree is clean.
        clone: A bare clone of the template.
        own: The project's state relative to its template.
        request: What to update to.
        options: Those of the command.

    Returns:
        0 if nothing is left to do; 1 if conflicts or failed checks are left to resolve.
    """
    root = git.directory
    with scratch_directory() as directory:
        scratch = scratch_git(directory, root)
        plan = make_plan(git, scratch, clone, own, request)
        apply.refuse_obstacles(root, plan.changes, plan.ours)
        if options.dry_run:  # else it is refused where it writes
            apply.refuse_edits(git, plan.changes)
        print(report.describe(plan), end="\n\n", flush=True)
        if options.dry_run:
            print(f"Nothing was written. Conflicts: {', '.join(plan.changes.conflicts) or 'none'}.")
            return INCOMPLETE if plan.changes.conflicts else DONE
        apply.apply(git, scratch, plan.changes, plan.release.tag)
        # The tree has the update from here on: what fails now is a problem of it, no refusal.
        try:
            problems = verify(git, scratch, plan)
        except UpdateError as error:
            problems = [f"could not verify: {error}"]
    checks = not problems and not own.is_adopted and not options.no_checks
    written, failures = _regenerate(git) if checks else ([], [])
    if options.branch:
        print(propose.commit(git, options.branch, plan, written, problems + failures))
        return DONE
    problems += failures
    if checks and not problems:
        problems = finish.check(root)
    if untracked := worktree.untracked(git):
        title = "Untracked, and left so: saved meanwhile, or no longer in .gitignore"
        print(*report.section(title, untracked), end="\n\n", flush=True)
    print(
        report.verdict(plan, problems, worktree.way_back(git)),
        file=sys.stderr if problems else sys.stdout,
    )
    return INCOMPLETE if problems else DONE


def _regenerate(git: Git) -> tuple[list[str], list[str]]:
    try:
        return finish.regenerate(git)
    except UpdateError as error:  # as where another program has locked the index
        return [], [str(error)]
