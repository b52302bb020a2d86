"""The command lines of `history` and `triage`."""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hangar_devkit.history import STORE, commands, quarantine_commands
from hangar_devkit.history.exchange import ExchangeError
from hangar_devkit.history.junit import JUnitError
from hangar_devkit.history.opening import CommandError
from hangar_devkit.history.postgresql import SharedError
from hangar_devkit.history.quarantine import QuarantineError
from hangar_devkit.history.storefile import StoreError
from hangar_devkit.history.triage_command import triage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_EXPECTED = (
    CommandError,
    ExchangeError,
    JUnitError,
    QuarantineError,
    SharedError,
    StoreError,
    sqlite3.Error,
    OSError,
    UnicodeDecodeError,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `history`."""
    parser = argparse.ArgumentParser(
        prog="hangar history", description="The project's test history."
    )
    _common(parser)
    actions = parser.add_subparsers(dest="command", required=True)
    command = actions.add_parser("export", help="write failed attempts as JSON Lines")
    command.add_argument("--all", action="store_true", help="whole runs, for `history import`")
    command.add_argument("-o", "--output", type=Path, help="file to write; default: the terminal")
    command.set_defaults(run=commands.export)
    command = actions.add_parser("import", help="read JSON Lines or JUnit XML")
    command.add_argument("files", nargs="+", type=Path)
    command.set_defaults(run=commands.import_)
    command = actions.add_parser("merge", help="copy the runs of other stores")
    command.add_argument("stores", nargs="+", type=Path)
    command.set_defaults(run=commands.merge)
    command = actions.add_parser("show", help="what is known of a test or an error class")
    command.add_argument("name")
    command.set_defaults(run=commands.show)
    command = actions.add_parser("pages", help="write the pictures")
    command.add_argument("--markdown", type=Path, help="a page for the docs")
    command.add_argument("--html", type=Path, help="a page that stands alone")
    command.set_defaults(run=commands.pages)
    command = actions.add_parser("push", help="send the runs to a shared database")
    command.add_argument("--to", required=True, metavar="postgresql://...")
    command.set_defaults(run=commands.push)
    command = actions.add_parser("pull", help="fetch the runs of a shared database")
    command.add_argument("--from", dest="source", required=True, metavar="postgresql://...")
    command.set_defaults(run=commands.pull)
    _quarantine_parser(actions.add_parser("quarantine", help="tests that may fail for a while"))
    options = parser.parse_args(arguments)
    return _guard("history", options)


def _quarantine_parser(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    action = actions.add_parser("add", help="let a test fail until a date")
    action.add_argument("test")
    action.add_argument("--owner", required=True)
    action.add_argument("--reason", required=True)
    action.add_argument("--days", type=int, default=14)
    action.set_defaults(run=quarantine_commands.add)
    action = actions.add_parser("release", help="let a test count again")
    action.add_argument("test")
    action.set_defaults(run=quarantine_commands.release)
    action = actions.add_parser("check", help="list; fails when an entry has expired")
    action.set_defaults(run=quarantine_commands.check)


def triage_main(arguments: Sequence[str] | None = None) -> int:
    """Run `triage`."""
    parser = argparse.ArgumentParser(prog="hangar triage", description="What to fix next, and why.")
    _common(parser)
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text")
    parser.add_argument("--limit", type=int, default=10, help="items to show (10)")
    parser.add_argument(
        "--from", dest="source", metavar="postgresql://...", help="fetch the team's runs first"
    )
    parser.add_argument(
        "--ci-summary",
        action="store_true",
        help="add the queue to the job summary that GITHUB_STEP_SUMMARY names",
    )
    parser.add_argument("--issue", metavar="ITEM", help="print an issue text for an item")
    parser.add_argument(
        "--file",
        action="store_true",
        help="with --issue: file it with the host's own tool (gh or glab)",
    )
    parser.set_defaults(run=triage)
    return _guard("triage", parser.parse_args(arguments))


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--root", type=Path, default=Path(), help="the project's root")
    parser.add_argument("--store", type=Path, help=f"the history's file ({STORE})")


def _guard(name: str, options: argparse.Namespace) -> int:
    """Run a command; an error that can be expected is one line, not a traceback."""
    action: Callable[[argparse.Namespace], int] = options.run
    try:
        return action(options)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except _EXPECTED as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2
