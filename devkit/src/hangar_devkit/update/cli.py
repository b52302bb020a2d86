"""The command `hangar update`: find a release, hand over to its updater, apply, verify, report."""

import argparse
import io
import sys
from pathlib import Path
from typing import Any

# From the wheel, an import compiles the module: each path loads what it needs, where it begins.
from hangar_devkit.update import releases, state
from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Git
from hangar_devkit.update.releases import UpdateRequest

DONE, INCOMPLETE, REFUSED = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 if nothing is left to do; 1 if an update is available (`--check`), files of the template
        were edited (`--drift`), or conflicts or failed checks are left to resolve; 2 if nothing was
        done.
    """
    words = sys.argv[1:] if arguments is None else arguments
    parser = _parser()
    options = parser.parse_args(words)
    if options.format and not options.check:
        parser.error("--format needs --check")
    # A file's name that is not UTF-8 must not stop the report on it.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    root = Path.cwd()
    try:
        if options.check:
            from hangar_devkit.update.check import check  # noqa: PLC0415 - see above

            return check(root, options.to, as_json=options.format == "json")
        if options.drift:
            from hangar_devkit.update.drift import report_drift  # noqa: PLC0415

            return report_drift(root)
        if options.relink:
            from hangar_devkit.update.relink import relink  # noqa: PLC0415

            print(relink(root, options.relink))
            return DONE
        return _update(root, options, words)
    except UpdateError as error:
        print(error, file=sys.stderr)
        return REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hangar update",
        description="Update the project to the newest release of its template.",
        epilog="Exit codes: 0 nothing is left to do; 1 an update is available, files of the"
        " template were edited (--drift), or conflicts or failed checks are left to resolve;"
        " 2 nothing was done.",
    )
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument(
        "--check", action="store_true", help="only report whether there is a newer release"
    )
    modes.add_argument(
        "--drift", action="store_true", help="only list the template's files that you edited"
    )
    modes.add_argument(
        "--relink",
        metavar="TAG",
        help="link the project to a release, with the answers that it has; for a template whose"
        " history was rewritten",
    )
    parser.add_argument(
        "--format", choices=("text", "json"), help="the output of --check (default: text)"
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would change")
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
    parser.add_argument("--no-checks", action="store_true", help="skip relocking and checks")
    # Internal: the clone in which the project's updater found this one; see `handover`.
    parser.add_argument("--clone", type=Path, help=argparse.SUPPRESS)
    return parser


def answer(text: str) -> tuple[str, Any]:
    """Read NAME=VALUE from the command line; true and false become what cookiecutter expects."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text} is not NAME=VALUE")
    return name, {"true": True, "false": False}.get(value.lower(), value)


def _update(root: Path, options: argparse.Namespace, arguments: list[str]) -> int:
    git = state.open_project(root)
    state.refuse_unfinished(git)
    own = state.read_state(root)
    state.refuse_dirty(git)
    if options.branch:
        from hangar_devkit.update import propose  # noqa: PLC0415

        propose.refuse_taken(git, options.branch)
    request = _request(git, own, options)
    if request is None:
        return DONE
    if options.clone:
        from hangar_devkit.update.execute import execute  # noqa: PLC0415

        return execute(git, options.clone, own, request, options)
    import tempfile  # noqa: PLC0415

    from hangar_devkit.update import handover  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="hangar-update-") as temporary:
        directory = Path(temporary).resolve()
        clone = handover.fetch(git, own.template, directory)
        tag, commit = request.release.tag, request.release.commit
        wheel = handover.extract_wheel(clone, own.directory, commit, tag, directory / "updater")
        if wheel is None:  # a release from before projects had a wheel
            from hangar_devkit.update.execute import execute  # noqa: PLC0415

            return execute(git, clone, own, request, options)
        target = [] if commit == own.commit else [f"--to={tag}"]
        return handover.hand_over(root, wheel, [*arguments, *target, f"--clone={clone}"])


def _request(
    git: Git, own: state.TemplateState, options: argparse.Namespace
) -> UpdateRequest | None:
    """Return what to update to; None, with a message to the user, if there is nothing to do."""
    known = releases.find_releases(git, str(options.clone or own.template))
    release = releases.choose(known, options.to)
    version = releases.current(known, own.commit, state.own_version(git.directory))
    given = dict(options.answer)
    ahead = not options.to and version is not None and version >= release.version
    if own.commit != release.commit and not ahead:
        return UpdateRequest(version, release, given)
    from hangar_devkit.update import managed  # noqa: PLC0415

    if given or managed.has_wrong_wheel(git.directory, adopted=own.is_adopted):
        # The same version, written again.
        return UpdateRequest(
            version, releases.Release(version or release.version, own.commit), given
        )
    print(f"Nothing to do: the project is at {release.tag}.")
    return None
