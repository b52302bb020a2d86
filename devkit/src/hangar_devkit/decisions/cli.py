"""The command `hangar adr`."""

import argparse
import sys
from datetime import date
from pathlib import Path

from hangar_devkit.decisions.edit import new, supersede, write_index
from hangar_devkit.decisions.lint import problems
from hangar_devkit.decisions.records import DIRECTORY, DecisionError, load


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0, 1 for a problem in a record, 2 if the command could not run."""
    options = _parser().parse_args(arguments)
    today = date.today().isoformat()  # noqa: DTZ011 - the local day of the author
    try:
        if options.command == "new":
            print(new(options.directory, options.title, today))
        elif options.command == "supersede":
            print(supersede(options.directory, options.number, options.title, today))
        elif options.command == "index":
            print(write_index(options.directory))
        else:
            return _lint(options.directory)
    except DecisionError as error:
        print(f"hangar adr: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"hangar adr: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hangar adr", description="Create and check decision records (MADR 4)."
    )
    parser.add_argument("--directory", type=Path, default=DIRECTORY, help="default: %(default)s")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("new", help="create a record with the next free number")
    command.add_argument("title")
    command = commands.add_parser("supersede", help="create a record that supersedes another")
    command.add_argument("number", type=int)
    command.add_argument("title")
    commands.add_parser("lint", help="check the records, their rules and the index")
    commands.add_parser("index", help="write the index page")
    return parser


def _lint(directory: Path) -> int:
    found = problems(directory, load(directory))
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0
