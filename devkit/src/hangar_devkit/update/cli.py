"""The command line of `hangar update`."""

import argparse
import io
import sys
from pathlib import Path
from typing import Any

from hangar_devkit.update.errors import UpdateError

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
        # From the wheel, an import compiles the module: each path loads what it needs.
        if options.check:
            from hangar_devkit.update.check import check  # noqa: PLC0415

            return check(root, options.to, as_json=options.format == "json")
        if options.drift:
            from hangar_devkit.update.drift import report_drift  # noqa: PLC0415

            return report_drift(root)
        if options.relink:
            from hangar_devkit.update.relink import relink  # noqa: PLC0415

            print(relink(root, options.relink))
            return DONE
        from hangar_devkit.update.start import update  # noqa: PLC0415

        return update(root, options, words)
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
