"""The command `adr`."""

import argparse
import sys
from datetime import date
from pathlib import Path

from .edit import new, supersede, write_index
from .record import DIRECTORY, DecisionError, load
from .rules import problems


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0, 1 when a rule is broken, 2 when it could not run."""
    options = _parser().parse_args(arguments)
    today = date.today().isoformat()  # noqa: DTZ011 - a record bears the day of its author
    try:
        if options.command == "new":
            print(new(options.directory, options.title, today))
        elif options.command == "supersede":
            print(supersede(options.directory, options.number, options.title, today))
        elif options.command == "index":
            print(write_index(options.directory))
        elif options.command == "lint":
            return _lint(options.directory)
        else:
            _list(options.directory)
    except DecisionError as error:
        print(f"adr: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"adr: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hangar adr", description="Keep decision records (MADR 4)."
    )
    parser.add_argument("--directory", type=Path, default=DIRECTORY, help="default: %(default)s")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("list", help="show number, status and title of each record")
    command = commands.add_parser("new", help="begin a record with the next free number")
    command.add_argument("title")
    command = commands.add_parser("supersede", help="begin a record that takes another's place")
    command.add_argument("number", type=int)
    command.add_argument("title")
    commands.add_parser("lint", help="check numbers, statuses, links and the index")
    commands.add_parser("index", help="bring the index page in step")
    return parser


def _list(directory: Path) -> None:
    for record in load(directory):
        print(f"{record.number:04}  {record.status:<24}  {record.title}")


def _lint(directory: Path) -> int:
    found = problems(directory, load(directory))
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0
