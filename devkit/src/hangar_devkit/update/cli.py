"""The command behind `nox -s update`: ask, plan, land, look, tell."""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from hangar_devkit.update import finish, gate, land, propose, releases, report, state
from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Git, user_git, workshop_git
from hangar_devkit.update.plan import Wish, make_plan

DONE, TODO, REFUSED = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 if there is nothing left to do; 1 if there is: an update is waiting (`--check`), or
        conflicts or failed checks are to be settled; 2 if nothing was done.
    """
    wanted = _parser().parse_args(arguments)
    root = Path.cwd()
    try:
        if wanted.check:
            return _check(root)
        return _update(root, wanted)
    except UpdateError as error:
        print(error, file=sys.stderr)
        return REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nox -s update --", description="Inherit the template's newest release."
    )
    parser.add_argument(
        "--check", action="store_true", help="only ask whether there is a newer one"
    )
    parser.add_argument("--dry-run", action="store_true", help="tell what would happen")
    parser.add_argument("--to", metavar="TAG", help="a release other than the newest")
    parser.add_argument(
        "--answer",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        type=answer,
        help="change an answer that the project was made with; can be repeated",
    )
    parser.add_argument(
        "--branch", metavar="NAME", help="commit the update on a new branch, conflicts included"
    )
    parser.add_argument(
        "--no-checks", action="store_true", help="neither lock nor run the quick checks afterwards"
    )
    return parser


def answer(text: str) -> tuple[str, Any]:
    """Read NAME=VALUE from the command line; true and false become what cookiecutter knows."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text} is not NAME=VALUE")
    return name, {"true": True, "false": False}.get(value.lower(), value)


def _check(root: Path) -> int:
    link = state.read_link(root)
    known = releases.find_releases(user_git(root), link.template)
    newest = known[-1]
    version = releases.current(known, link.commit, state.own_version(root))
    if version is None:
        raise UpdateError(
            f"Could not check: the project's commit {link.commit[:12]} is no release, and"
            " pyproject.toml has no [tool.hangar] template."
        )
    mine = "v" + ".".join(map(str, version))
    if version >= newest.version:
        print(f"Up to date: {mine} is the newest release.")
        return DONE
    print(f"{newest.tag} is out; the project has {mine}. Run: nox -s update")
    return TODO


def _update(root: Path, wanted: argparse.Namespace) -> int:
    git = state.open_repository(root)
    state.refuse_unfinished(git)
    link = state.read_link(root)
    state.refuse_dirty(git)
    if wanted.branch:
        propose.refuse_taken(git, wanted.branch)
    wish = _wish(git, link, wanted)
    if wish is None:
        return DONE
    with tempfile.TemporaryDirectory(prefix="hangar-update-") as temporary:
        workshop = workshop_git(Path(temporary).resolve(), root)
        plan = make_plan(git, workshop, link, wish)
        land.refuse_obstacles(root, plan.landing, plan.ours)
        told = report.describe(plan)
        print(told, end="\n\n", flush=True)
        if wanted.dry_run:
            print(f"Nothing was written. Conflicts: {', '.join(plan.landing.conflicts) or 'none'}.")
            return TODO if plan.landing.conflicts else DONE
        land.land(git, workshop, plan.landing, plan.release.tag)
        wrong = gate.problems(git, workshop, plan)
    if wanted.branch:
        wrong = wrong or finish.settle(root)
        print(propose.commit(git, wanted.branch, plan, told, wrong))
        return DONE
    if not wrong and not wanted.no_checks:
        wrong = finish.settle(root) or finish.check(root)
    print(report.verdict(plan, wrong), file=sys.stderr if wrong else sys.stdout)
    return TODO if wrong else DONE


def _wish(git: Git, link: state.Link, wanted: argparse.Namespace) -> Wish | None:
    """Find what to update to; None, with a word to the user, if there is nothing to do."""
    known = releases.find_releases(git, link.template)
    release = releases.choose(known, wanted.to)
    version = releases.current(known, link.commit, state.own_version(git.directory))
    given = dict(wanted.answer)
    ahead = not wanted.to and version is not None and version >= release.version
    if link.commit != release.commit and not ahead:
        return Wish(version, release, given)
    if given:  # the same version, with other answers
        return Wish(version, releases.Release(version or release.version, link.commit), given)
    print(f"Nothing to do: the project is at {release.tag}.")
    return None
