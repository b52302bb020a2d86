"""The command `hangar adopt`."""

import argparse
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from hangar_devkit.update.cli import answer
from hangar_devkit.update.errors import UpdateError

DONE, CONFLICTS, REFUSED = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 if the plan was shown or carried out; 1 if conflicts remain; 2 if nothing was done.
    """
    options = _parser().parse_args(arguments)
    if find_spec("tomlkit") is None:
        print(
            "hangar adopt: tomlkit is not installed. Install it: pip install tomlkit",
            file=sys.stderr,
        )
        return REFUSED
    if not options.path.is_dir():
        print(f"hangar adopt: {options.path} is not a directory", file=sys.stderr)
        return REFUSED
    from hangar_devkit.adopt.adoption import Request, adopt, find_template  # noqa: PLC0415

    try:
        template = options.template or find_template(Path.cwd())
        request = Request(template, options.to, dict(options.answer), apply=options.yes)
        conflicts = adopt(options.path.resolve(), request)
    except UpdateError as error:
        print(error, file=sys.stderr)
        return REFUSED
    return CONFLICTS if conflicts else DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hangar adopt",
        description="Bring an existing Python project under the template. Without --yes only show"
        " what would be added, replaced, merged and left alone. Files in src/, tests/, data/ and"
        " contracts/ never change, and no example is added.",
    )
    parser.add_argument("path", type=Path, help="the project: a git repository")
    parser.add_argument("--yes", action="store_true", help="write the files")
    parser.add_argument("--to", metavar="TAG", help="a release other than the newest")
    parser.add_argument(
        "--template",
        metavar="URL",
        help="the template's repository; by default the one of the current directory, which is a"
        " checkout of the template or a project made from it",
    )
    parser.add_argument(
        "--answer",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        type=answer,
        help="answer a question of the template; can be repeated",
    )
    return parser
