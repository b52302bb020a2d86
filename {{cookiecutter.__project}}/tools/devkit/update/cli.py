"""The command behind `nox -s update`: ask, plan, land, look, tell."""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from devkit.update import finish, gate, land, releases, report, state
from devkit.update.errors import UpdateError
from devkit.update.git import user_git, workshop_git
from devkit.update.plan import Wish, make_plan

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
    parser.add_argument("--check", action="store_true", help="only ask whether there is a newer one")
    parser.add_argument("--dry-run", action="store_true", help="tell what would happen")
    parser.add_argument("--to", metavar="TAG", help="a release other than the newest")
    parser.add_argument(
        "--answer",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        type=_answer,
        help="change an answer that the project was made with; can be repeated",
    )
    parser.add_argument(
        "--no-checks", action="store_true", help="neither lock nor run the quick checks afterwards"
    )
    return parser


def _answer(text: str) -> tuple[str, Any]:
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
            " tools/pyproject.toml has no version."
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
    known = releases.find_releases(git, link.template)
    release = releases.choose(known, wanted.to)
    version = releases.current(known, link.commit, state.own_version(root))
    given = dict(wanted.answer)
    if not given and (
        link.commit == release.commit or (not wanted.to and version and version >= release.version)
    ):
        print(f"Nothing to do: the project is at {release.tag}.")
        return DONE
    with tempfile.TemporaryDirectory(prefix="hangar-update-") as temporary:
        workshop = workshop_git(Path(temporary).resolve(), root)
        plan = make_plan(git, workshop, link, Wish(version, release, given))
        land.refuse_obstacles(root, plan.landing, plan.ours)
        print(report.describe(plan), end="\n\n", flush=True)
        if wanted.dry_run:
            conflicts = sorted(plan.landing.conflicts)
            print(f"Nothing was written. Conflicts: {', '.join(conflicts) or 'none'}.")
            return TODO if conflicts else DONE
        land.land(git, workshop, plan.landing, release.tag)
        wrong = gate.problems(git, workshop, plan)
    failed = "" if wrong or wanted.no_checks else finish.finish(root)
    if failed:
        print(f"{failed} Go back: {state.WAY_BACK}", file=sys.stderr)
        return TODO
    print(report.verdict(plan, wrong), file=sys.stderr if wrong else sys.stdout)
    return TODO if wrong else DONE
