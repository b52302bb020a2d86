"""The commands `history` and `triage`."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from devkit.history import exchange, junit, quarantine
from devkit.history.postgresql import SharedError, pull, push
from devkit.history.report import as_issue, as_lines, as_markdown, describe
from devkit.history.store import Store, StoreError
from devkit.history.summary import interval
from devkit.history.update import Findings, update

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

STORE: Final = ".cache/history/history.sqlite"
_EXPECTED = (
    StoreError,
    exchange.ExchangeError,
    junit.JUnitError,
    quarantine.QuarantineError,
    SharedError,
    sqlite3.Error,
    OSError,
    UnicodeDecodeError,
)


class CommandError(Exception):
    """A command cannot do what it was asked; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `history`."""
    parser = argparse.ArgumentParser(prog="history", description="The project's test history.")
    _common(parser)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("export", help="write failed attempts as JSON Lines")
    command.add_argument("--all", action="store_true", help="whole runs, for `history import`")
    command.add_argument("-o", "--output", type=Path, help="file to write; default: the terminal")
    command.set_defaults(run=_export)
    command = commands.add_parser("import", help="read JSON Lines or JUnit XML")
    command.add_argument("files", nargs="+", type=Path)
    command.set_defaults(run=_import)
    command = commands.add_parser("merge", help="copy the runs of other stores")
    command.add_argument("stores", nargs="+", type=Path)
    command.set_defaults(run=_merge)
    command = commands.add_parser("show", help="what is known of a test or an error class")
    command.add_argument("name")
    command.set_defaults(run=_show)
    command = commands.add_parser("pages", help="write the pictures")
    command.add_argument("--markdown", type=Path, help="a page for the docs")
    command.add_argument("--html", type=Path, help="a page that stands alone")
    command.set_defaults(run=_pages)
    command = commands.add_parser("push", help="send the runs to a shared database")
    command.add_argument("--to", required=True, metavar="postgresql://...")
    command.set_defaults(run=_push)
    command = commands.add_parser("pull", help="fetch the runs of a shared database")
    command.add_argument("--from", dest="source", required=True, metavar="postgresql://...")
    command.set_defaults(run=_pull)
    _quarantine_parser(commands.add_parser("quarantine", help="tests that may fail for a while"))
    options = parser.parse_args(arguments)
    return _guard("history", options)


def _quarantine_parser(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    action = actions.add_parser("add", help="let a test fail until a date")
    action.add_argument("test")
    action.add_argument("--owner", required=True)
    action.add_argument("--reason", required=True)
    action.add_argument("--days", type=int, default=14)
    action.set_defaults(run=_quarantine_add)
    action = actions.add_parser("release", help="let a test count again")
    action.add_argument("test")
    action.set_defaults(run=_quarantine_release)
    action = actions.add_parser("check", help="list; fails when an entry has expired")
    action.set_defaults(run=_quarantine_check)


def triage_main(arguments: Sequence[str] | None = None) -> int:
    """Run `triage`."""
    parser = argparse.ArgumentParser(prog="triage", description="What to fix next, and why.")
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
    parser.set_defaults(run=_triage)
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
    except (CommandError, *_EXPECTED) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2


def _path(options: argparse.Namespace) -> Path:
    if options.store:
        return Path(options.store)
    chosen = os.environ.get("DEVKIT_HISTORY_STORE") or _configured(options.root) or STORE
    return Path(options.root) / chosen


def _configured(root: Path) -> str:
    """Return the place that the project's pytest configuration names, if it does."""
    try:
        data = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
        settings = data["tool"]["pytest"]
        return str({**settings.get("ini_options", {}), **settings}.get("history_store", ""))
    except (OSError, ValueError, KeyError, AttributeError):
        return ""


def _open(options: argparse.Namespace, *, create: bool = False) -> Store:
    store = Store(_path(options), create=create)
    if store.moved:
        print(
            f"the store was damaged and is now {store.moved.name}; a new one was begun",
            file=sys.stderr,
        )
    return store


def _export(options: argparse.Namespace) -> int:
    with _open(options) as store:
        findings = update(store, full=True)
        lines = (
            (line for _, lines in exchange.runs(store) for line in lines)
            if options.all
            else exchange.failures(store, findings)
        )
        text = (json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        if options.output:
            draft = options.output.with_name(f".{options.output.name}.new")
            with draft.open("w", encoding="utf-8") as file:
                file.writelines(text)
            draft.replace(options.output)
        else:
            sys.stdout.writelines(text)
    return 0


def _import(options: argparse.Namespace) -> int:
    new = 0
    with _open(options, create=True) as store:
        for path in options.files:
            if path.suffix == ".xml":
                new += exchange.save(store, [junit.read(path)])
            else:
                with path.open(encoding="utf-8") as lines:
                    new += exchange.load(store, lines, str(path))
        update(store, full=True)
    print(f"{new} new runs")
    return 0


def _merge(options: argparse.Namespace) -> int:
    new = 0
    with _open(options, create=True) as store:
        for path in options.stores:
            with Store(path, create=False) as other:
                new += exchange.merge(store, other)
        update(store, full=True)
    print(f"{new} new runs")
    return 0


def _push(options: argparse.Namespace) -> int:
    with _open(options) as store:
        print(f"{push(store, options.to)} runs sent")
    return 0


def _pull(options: argparse.Namespace) -> int:
    with _open(options, create=True) as store:
        print(f"{pull(store, options.source)} new runs")
        update(store, full=True)
    return 0


def _show(options: argparse.Namespace) -> int:
    with _open(options) as store:
        findings = update(store, full=True)
        if options.name in findings.titles:
            items = describe(options.root, store, findings, len(findings.entries))
            found = [item for item in items if item["item"] == options.name]
            print(
                "\n".join(as_lines(found))
                if found
                else f"{options.name} {findings.titles[options.name]} [resolved]"
            )
        else:
            print("\n".join(_about_test(store, findings, options.name)))
    return 0


def _about_test(store: Store, findings: Findings, nodeid: str) -> list[str]:
    row = store.connection.execute("SELECT id FROM test WHERE nodeid=?", (nodeid,)).fetchone()
    if row is None:
        raise CommandError(f"{nodeid}: no such test or error class in the history")
    marks = ".FEsxX"
    outcomes = store.connection.execute(
        "SELECT outcome FROM (SELECT id, started FROM run ORDER BY started DESC LIMIT 200) run"
        " CROSS JOIN result r ON r.run=run.id AND r.test=? ORDER BY run.started, attempt",
        (row[0],),
    ).fetchall()
    lines = [nodeid, "".join(marks[outcome] for (outcome,) in outcomes)]
    verdict = findings.verdicts.get(nodeid)
    if verdict is None:
        return [*lines, "has not failed in the runs that are kept"]
    lines.append(f"{verdict.verdict}: {verdict.reason}")
    lines.append(
        f"failed first in {verdict.failures} of {verdict.runs} runs, so in "
        f"{interval(verdict.low, verdict.high)} of runs (95 % interval)"
    )
    return lines


def _pages(options: argparse.Namespace) -> int:
    from devkit.history.pages import write_html, write_markdown

    if not options.markdown and not options.html:
        raise CommandError("say what to write: --markdown FILE, --html FILE, or both")
    with _open(options) as store:
        findings = update(store, full=True)
        if options.markdown:
            write_markdown(options.markdown, options.root, store, findings)
        if options.html:
            write_html(options.html, options.root, store, findings)
    return 0


def _quarantine_add(options: argparse.Namespace) -> int:
    days = min(options.days, 10 * quarantine.MAX_DAYS)
    expires = _today() + dt.timedelta(days=days)
    entry = quarantine.Entry(options.test, options.owner, options.reason, expires)
    quarantine.add(options.root, entry, _today())
    print(f"{entry.id} may fail until {entry.expires}")
    return 0


def _quarantine_release(options: argparse.Namespace) -> int:
    quarantine.release(options.root, options.test)
    print(f"{options.test} counts again")
    return 0


def _quarantine_check(options: argparse.Namespace) -> int:
    entries = quarantine.read(options.root)
    expired = [entry for entry in entries if not entry.holds(_today())]
    ready = _releasable(options, entries)
    for entry in entries:
        state = "EXPIRED" if entry in expired else "ready for release" if entry.id in ready else ""
        print(f"{entry.id}  until {entry.expires}  {entry.owner}  {entry.reason}  {state}".rstrip())
    return 1 if expired else 0


def _releasable(options: argparse.Namespace, entries: Sequence[quarantine.Entry]) -> set[str]:
    try:
        with _open(options) as store:
            return {e.id for e in entries if quarantine.is_calm(store.connection, e)}
    except StoreError:
        return set()


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def _triage(options: argparse.Namespace) -> int:
    with _open(options, create=bool(options.source)) as store:
        if options.source:
            pull(store, options.source)
        findings = update(store, full=True)
        limit = len(findings.entries) if options.issue else options.limit
        items = describe(options.root, store, findings, limit)
    if options.issue:
        return _issue(options, [item for item in items if item["item"] == options.issue])
    if options.ci_summary:
        target = os.environ.get("GITHUB_STEP_SUMMARY")
        if not target:
            raise CommandError("GITHUB_STEP_SUMMARY is not set: use --format markdown instead")
        with Path(target).open("a", encoding="utf-8") as file:
            file.write(as_markdown(items) + "\n")
    if options.format == "json":
        print(json.dumps(items, ensure_ascii=False, indent=2))
    elif options.format == "markdown":
        print(as_markdown(items))
    else:
        _print(items)
    return 0


def _print(items: Sequence[dict[str, object]]) -> None:
    try:
        from devkit.history.terminal import print_queue
    except ImportError:
        print("\n".join(as_lines(items)))
        return
    print_queue(items)


def _issue(options: argparse.Namespace, found: Sequence[dict[str, object]]) -> int:
    if not found:
        raise CommandError(f"{options.issue} is not on the queue: see `triage`")
    title, text = as_issue(found[0])
    if not options.file:
        print(f"{title}\n\n{text}")
        return 0
    if shutil.which("gh"):
        command = ["gh", "issue", "create", "--title", title, "--body", text]
    elif shutil.which("glab"):
        command = ["glab", "issue", "create", "--title", title, "--description", text]
    else:
        raise CommandError("neither gh nor glab is installed: paste the text without --file")
    return subprocess.run(command, cwd=options.root, check=False).returncode
