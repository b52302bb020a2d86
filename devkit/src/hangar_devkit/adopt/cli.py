"""The command `hangar adopt`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from hangar_devkit.adopt.adoption import Request, adopt, find_template
from hangar_devkit.adopt.layers import LAYERS
from hangar_devkit.adopt.widen import widen
from hangar_devkit.update.cli import answer
from hangar_devkit.update.errors import UpdateError

DONE, INCOMPLETE, REFUSED = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 if the plan was shown or carried out; 1 if a layer could not be added; 2 if nothing was
        done.
    """
    options = _parser().parse_args(arguments)
    if not options.path.is_dir():
        print(f"hangar adopt: {options.path} is not a directory", file=sys.stderr)
        return REFUSED
    root = options.path.resolve()
    try:
        if options.widen:
            print(widen(root))
            return DONE
        request = Request(
            template=options.template or find_template(Path.cwd()),
            tag=options.to,
            answers=dict(options.answer),
            layer=options.layer,
            requires=options.requires,
            apply=options.yes,
            check=not options.no_checks,
        )
        return DONE if adopt(root, request) else INCOMPLETE
    except UpdateError as error:
        print(error, file=sys.stderr)
        return REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hangar adopt",
        description="Bring an existing Python project under the template, layer by layer. Every"
        " layer only adds files, is checked, and is one commit. Without --yes only show what would"
        " be added.",
        epilog="Exit codes: 0 done; 1 a layer could not be added, those before it stay; 2 nothing"
        " was done.",
    )
    parser.add_argument("path", type=Path, help="the project: a git repository")
    parser.add_argument("--yes", action="store_true", help="add and commit the layers")
    parser.add_argument(
        "--layer",
        choices=LAYERS,
        default=LAYERS[-1],
        help="the last layer to add; those before it come too (%(default)s)",
    )
    parser.add_argument(
        "--requires",
        metavar="REQUIREMENT",
        action="append",
        default=[],
        help="what the tests need beyond what the project declares; can be repeated",
    )
    parser.add_argument("--no-checks", action="store_true", help="add the layers unchecked")
    parser.add_argument(
        "--widen",
        action="store_true",
        help="show what each hook would change in the files that the project had",
    )
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
