"""The commands `hangar history` and `hangar triage`."""

import argparse
import datetime as dt
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

from hangar_devkit.files import write_atomically
from hangar_devkit.history import STORE, quarantine
from hangar_devkit.history.analysis.findings import Findings, examine, update
from hangar_devkit.history.analysis.flakiness import FLAKY, UNKNOWN, is_ready_for_release
from hangar_devkit.history.experiments.prove import Proof, prove
from hangar_devkit.history.experiments.red_run import Answer, RedRunError, explain
from hangar_devkit.history.experiments.trials import Laboratory
from hangar_devkit.history.output import exchange, junit, postgresql
from hangar_devkit.history.output.formatting import count, interval, printable, wrapped
from hangar_devkit.history.output.report import (
    SCHEMA,
    as_issue,
    as_lines,
    as_markdown,
    describe_queue,
    print_queue,
    prove_command,
)
from hangar_devkit.history.records import Run
from hangar_devkit.history.store.file import StoreError
from hangar_devkit.history.store.store import Store, tests_of_file

_SHOWN_RUNS = 200
_COVERED = "SELECT {} FROM test WHERE nodeid=? OR substr(nodeid, 1, ?)=?"
"""A test, or its parameter sets; the values are what `_ids` returns."""
_SHOWN_TESTS = 3


class CommandError(Exception):
    """A command cannot do what was requested; the message says why."""


_EXPECTED = (
    CommandError,
    exchange.ExchangeError,
    junit.JUnitError,
    quarantine.QuarantineError,
    postgresql.SharedError,
    StoreError,
    sqlite3.Error,
    OSError,
    UnicodeDecodeError,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `hangar history`."""
    parser = argparse.ArgumentParser(
        prog="hangar history", description="Show and share the project's test history."
    )
    _add_common_options(parser)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("show", help="show a test or an error class")
    command.add_argument("name", metavar="TEST|CLASS")
    command.set_defaults(run=_show)
    command = commands.add_parser(
        "prove", help="find out by experiments what decides a test, or what made a run red"
    )
    command.add_argument("test", nargs="?", metavar="TEST", help="node id; none: the last red run")
    command.add_argument("--run", dest="uid", default="", metavar="RUN", help="another red run")
    command.add_argument("--budget", type=float, default=120, help="seconds to spend (120)")
    command.add_argument(
        "--option", action="append", default=[], metavar="OPTION", help="option of pytest, as =-x"
    )
    command.set_defaults(run=_prove)
    command = commands.add_parser("pages", help="write diagrams and tables as a page")
    command.add_argument("--markdown", type=Path, metavar="FILE", help="page for the docs")
    command.add_argument("--html", type=Path, metavar="FILE", help="self-contained page")
    command.set_defaults(run=_pages)
    command = commands.add_parser("export", help="write failed attempts as JSON Lines")
    command.add_argument("--all", action="store_true", help="whole runs, for `import`")
    command.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="file to write (standard output)"
    )
    command.set_defaults(run=_export)
    command = commands.add_parser("import", help="read JSON Lines or JUnit XML")
    command.add_argument("files", nargs="+", type=Path, metavar="FILE")
    command.set_defaults(run=_import)
    command = commands.add_parser("merge", help="copy the runs of other stores")
    command.add_argument("stores", nargs="+", type=Path, metavar="STORE")
    command.set_defaults(run=_merge)
    command = commands.add_parser("push", help="send runs to a shared database")
    command.add_argument("--to", required=True, metavar="postgresql://...")
    command.set_defaults(run=_push)
    command = commands.add_parser("pull", help="fetch runs from a shared database")
    command.add_argument("--from", dest="source", required=True, metavar="postgresql://...")
    command.set_defaults(run=_pull)
    _add_quarantine(commands.add_parser("quarantine", help="let tests fail for a while"))
    return _run("hangar history", parser.parse_args(arguments))


def _add_quarantine(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    action = actions.add_parser("add", help="let a test fail until a date")
    action.add_argument("test", metavar="TEST")
    action.add_argument("--owner", required=True)
    action.add_argument("--reason", required=True)
    action.add_argument("--days", type=int, default=14, help="days from today (14)")
    action.add_argument(
        "--unproven", action="store_true", help="accept a test that is not proven flaky"
    )
    action.set_defaults(run=_quarantine)
    action = actions.add_parser("release", help="let a test fail the run again")
    action.add_argument("test", metavar="TEST")
    action.set_defaults(run=_release)
    action = actions.add_parser(
        "check", help="list the entries; exit with 1 if one has expired or lasts too long"
    )
    action.set_defaults(run=_check_quarantine)


def triage_main(arguments: Sequence[str] | None = None) -> int:
    """Run `hangar triage`."""
    parser = argparse.ArgumentParser(prog="hangar triage", description="Rank what to fix next.")
    _add_common_options(parser)
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text")
    parser.add_argument("--limit", type=int, default=10, help="number of items to show (10)")
    parser.add_argument(
        "--from", dest="source", metavar="postgresql://...", help="fetch the team's runs first"
    )
    parser.add_argument(
        "--ci-summary",
        action="store_true",
        help="append the queue to the job summary, the file in GITHUB_STEP_SUMMARY",
    )
    parser.add_argument("--issue", metavar="CLASS", help="print an issue text for an error class")
    parser.add_argument(
        "--file", action="store_true", help="with --issue: create the issue with gh or glab"
    )
    parser.set_defaults(run=_triage)
    return _run("hangar triage", parser.parse_args(arguments))


def _add_common_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--root", type=Path, default=Path(), help="the project's root")
    parser.add_argument("--store", type=Path, help=f"path of the test history ({STORE})")


def _run(name: str, options: argparse.Namespace) -> int:
    """Run a command; print one line, not a traceback, for an expected error."""
    command: Callable[[argparse.Namespace], int] = options.run
    try:
        return command(options)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except _EXPECTED as error:
        print(printable(f"{name}: {error}"), file=sys.stderr)
        return 2


def _path(options: argparse.Namespace) -> Path:
    if options.store:
        return Path(options.store)
    path = os.environ.get("DEVKIT_HISTORY_STORE") or _configured_path(options.root) or STORE
    return Path(options.root) / path


def _configured_path(root: Path) -> str:
    """Return the path in the project's pytest configuration, "" without one."""
    try:
        data = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
        settings = data["tool"]["pytest"]
        return str({**settings.get("ini_options", {}), **settings}.get("history_store", ""))
    except (OSError, ValueError, KeyError, AttributeError):
        return ""


def _print(lines: Sequence[str]) -> None:
    """Print lines without control characters; on a terminal, as wide as it is."""
    if sys.stdout.isatty():
        lines = wrapped(lines, shutil.get_terminal_size().columns)
    print("\n".join(map(printable, lines)))


def _open(options: argparse.Namespace) -> Store:
    """Open the store for writing; create it where it is missing."""
    store = Store.open(_path(options))
    if store.notice:
        print(printable(store.notice), file=sys.stderr)
    return store


def _show(options: argparse.Namespace) -> int:
    with Store.read(_path(options)) as store:
        findings = examine(store, root=options.root)
        name = findings.current_name(options.name)
        if name in findings.classes:
            lines = _about_class(options.root, store, findings, name)
        else:
            lines = _about_test(store, findings, options.name)
    _print(lines)
    return 0


def _about_class(root: Path, store: Store, findings: Findings, name: str) -> list[str]:
    items = describe_queue(root, store, findings)
    chosen = [item for item in items if item["error_class"] == name]
    if chosen:
        return as_lines(chosen)
    error_class = findings.classes[name]
    return [f"{name} {error_class.example.title} [{error_class.state}]"]


def _about_test(store: Store, findings: Findings, nodeid: str) -> list[str]:
    query = store.connection.execute
    row = query("SELECT id FROM test WHERE nodeid=?", (nodeid,)).fetchone()
    if row is None:
        bounds = tests_of_file(nodeid)
        rows = query("SELECT nodeid FROM test WHERE nodeid > ? AND nodeid < ? ORDER BY 1", bounds)
        tests = [test for (test,) in rows]
        if not tests:
            raise CommandError(f"{nodeid}: no such test or error class in the history")
        return [f"{nodeid}: show one of its tests:", *(f"  {test}" for test in tests)]
    outcomes = query(
        "SELECT outcome FROM (SELECT id, started FROM run ORDER BY started DESC LIMIT ?) run"
        " CROSS JOIN result r ON r.run=run.id AND r.test=? ORDER BY run.started, attempt",
        (_SHOWN_RUNS, row[0]),
    )
    lines = [nodeid, "".join(".FEsxX"[outcome] for (outcome,) in outcomes)]
    verdict = findings.verdicts.get(nodeid)
    if verdict is None:
        return [*lines, "no failure in the stored runs"]
    rate = interval(verdict.low, verdict.high)
    first = f"first attempt failed in {verdict.failures} of {verdict.runs} runs"
    reason = verdict.reason
    if verdict.verdict == UNKNOWN:
        reason += f": {prove_command(nodeid)}"
    return [
        *lines,
        f"{verdict.verdict}: {reason}",
        f"{first}, so it fails in {rate} of runs (95 % interval)",
    ]


def _prove(options: argparse.Namespace) -> int:
    if options.test and not _path(options).exists():  # a test without a history can be proven too
        return _prove_test(options, None)
    with Store.read(_path(options)) as store:
        return _prove_test(options, store) if options.test else _explain(options, store)


def _prove_test(options: argparse.Namespace, store: Store | None) -> int:
    proof = prove(
        options.root, options.test, store=store, budget=options.budget, options=options.option
    )
    _print(_about_proof(options.test, proof))
    if proof.command:  # in lines as long as they are, to be copied
        print("reproduce it with:")
        print("\n".join(f"  {printable(line)}" for line in proof.command.splitlines()))
    return 0


def _explain(options: argparse.Namespace, store: Store) -> int:
    try:
        laboratory = Laboratory(options.root, time.monotonic() + options.budget, options.option)
        findings = examine(store, root=options.root)
        run, answers = explain(laboratory, store, findings, options.uid)
    except RedRunError as error:
        raise CommandError(str(error)) from error
    _print(_about_red_run(run, answers))
    return 0


def _about_proof(test: str, proof: Proof) -> list[str]:
    by = f", decided by: {proof.type}" if proof.type else ""
    return [test, f"{proof.verdict}{by}", *(f"  {line}" for line in proof.evidence)]


def _about_red_run(run: Run, answers: Sequence[Answer]) -> list[str]:
    lines = [f"run {run.uid}"]
    for answer in answers:
        tests = ", ".join(answer.tests[:_SHOWN_TESTS])
        more = len(answer.tests) - _SHOWN_TESTS
        lines += [f"{answer.cause}: {tests}" + (f" and {more} more" if more > 0 else "")]
        lines += [f"  {line}" for line in answer.evidence]
    return lines


def _pages(options: argparse.Namespace) -> int:
    from hangar_devkit.history.output.pages import write_html, write_markdown

    if not options.markdown and not options.html:
        raise CommandError("nothing to write: give --markdown FILE, --html FILE, or both")
    with Store.read(_path(options)) as store:
        findings = examine(store, root=options.root)
        if options.markdown:
            write_markdown(options.markdown, options.root, store, findings)
        if options.html:
            write_html(options.html, options.root, store, findings)
    return 0


def _export(options: argparse.Namespace) -> int:
    with Store.read(_path(options)) as store:
        lines = (
            (line for _, lines in exchange.runs(store) for line in lines)
            if options.all
            else exchange.failures(store, examine(store, root=options.root))
        )
        text = (json.dumps(line) + "\n" for line in lines)
        if options.output:
            write_atomically(options.output, text)
        else:
            sys.stdout.writelines(text)
    return 0


def _import(options: argparse.Namespace) -> int:
    new = 0
    with _open(options) as store:
        for path in options.files:
            if path.suffix == ".xml":
                new += exchange.save(store, [junit.read(path)])
            else:
                with path.open(encoding="utf-8") as lines:
                    new += exchange.load(store, lines, str(path))
        update(store, root=options.root, full=True)
    print(count(new, "new run"))
    return 0


def _merge(options: argparse.Namespace) -> int:
    new = 0
    with _open(options) as store:
        for path in options.stores:
            with Store.read(path) as other:
                new += exchange.merge(store, other)
        update(store, root=options.root, full=True)
    print(count(new, "new run"))
    return 0


def _push(options: argparse.Namespace) -> int:
    with Store.read(_path(options)) as store:
        sent = postgresql.push(store, options.to)
    print(f"{count(sent, 'run')} sent")
    return 0


def _pull(options: argparse.Namespace) -> int:
    print(count(_fetch(options), "new run"))
    return 0


def _fetch(options: argparse.Namespace) -> int:
    with _open(options) as store:
        new = postgresql.pull(store, options.source)
        update(store, root=options.root, full=True)
    return new


def _triage(options: argparse.Namespace) -> int:
    if options.source:
        _fetch(options)
    with Store.read(_path(options)) as store:
        findings = examine(store, root=options.root)
        limit = None if options.issue else options.limit
        items = describe_queue(options.root, store, findings, limit)
    if options.issue:
        name = findings.current_name(options.issue)
        return _issue(options, [item for item in items if item["error_class"] == name])
    if options.ci_summary:
        target = os.environ.get("GITHUB_STEP_SUMMARY")
        if not target:
            raise CommandError("GITHUB_STEP_SUMMARY is not set: use --format markdown instead")
        with Path(target).open("a", encoding="utf-8") as file:
            file.write(as_markdown(items) + "\n")
    if options.format == "json":
        print(json.dumps({"schema": SCHEMA, "items": items}, indent=2))
    elif options.format == "markdown":
        print(printable(as_markdown(items)))
    else:
        print_queue(items)
    return 0


def _issue(options: argparse.Namespace, items: Sequence[dict[str, object]]) -> int:
    if not items:
        raise CommandError(f"{options.issue} is not on the queue: run `hangar triage` to see it")
    title, text = as_issue(items[0])
    if not options.file:
        print(f"{title}\n\n{text}")
        return 0
    if shutil.which("gh"):
        command = ["gh", "issue", "create", "--title", title, "--body", text]
    elif shutil.which("glab"):
        command = ["glab", "issue", "create", "--title", title, "--description", text]
    else:
        raise CommandError("neither gh nor glab is installed: copy the text without --file")
    return subprocess.run(command, cwd=options.root, check=False).returncode


def _quarantine(options: argparse.Namespace) -> int:
    with Store.read(_path(options)) as store:
        proven = _is_proven(store, examine(store, root=options.root), options.test)
    if not proven and not options.unproven:
        raise CommandError(
            f"{options.test} is not proven flaky: fix it, or skip it with a reason. "
            f"To prove it: {prove_command(options.test)}. To quarantine it anyway: --unproven"
        )
    days = min(options.days, 10 * quarantine.MAX_DAYS)  # a date has its limits
    expires = _today() + dt.timedelta(days=days)
    entry = quarantine.Entry(options.test, options.owner, options.reason, expires, not proven)
    quarantine.add(options.root, entry, _today())
    _print([f"{entry.id} may fail until {entry.expires}"])
    return 0


def _is_proven(store: Store, findings: Findings, nodeid: str) -> bool:
    """Return whether a test, or one of its parameter sets, is proven flaky.

    Raises:
        CommandError: The history has no such test.
    """
    tests = [test for (test,) in store.connection.execute(_COVERED.format("nodeid"), _ids(nodeid))]
    if not tests:
        raise CommandError(
            f"{nodeid}: no such test in the history. Copy its node id from the output of "
            "pytest -v; a new test has to run once"
        )
    verdicts = [findings.verdicts[test] for test in tests if test in findings.verdicts]
    return any(verdict.verdict == FLAKY for verdict in verdicts)


def _ids(nodeid: str) -> tuple[str, int, str]:
    return nodeid, len(nodeid) + 1, f"{nodeid}["


def _release(options: argparse.Namespace) -> int:
    quarantine.release(options.root, options.test)
    _print([f"{options.test} is no longer quarantined"])
    return 0


def _check_quarantine(options: argparse.Namespace) -> int:
    entries = quarantine.read(options.root)
    expired = [entry for entry in entries if not entry.is_active(_today())]
    ready = _ready_for_release(options, entries)
    limit = _today() + dt.timedelta(days=quarantine.MAX_DAYS)
    too_long = [entry for entry in entries if entry.expires > limit]
    for entry in entries:
        states = {
            "EXPIRED": entry in expired,
            f"MORE THAN {quarantine.MAX_DAYS} DAYS": entry in too_long,
            "ready for release": entry.id in ready and entry not in expired,
            "not proven flaky": entry.unproven,
        }
        words = [entry.id, f"until {entry.expires}", entry.owner, entry.reason]
        _print(["  ".join([*words, *(state for state, holds in states.items() if holds)])])
    return 1 if expired or too_long else 0


def _ready_for_release(
    options: argparse.Namespace, entries: Sequence[quarantine.Entry]
) -> set[str]:
    """Return the ids of the entries whose tests, all of them, passed often enough."""
    try:
        with Store.read(_path(options)) as store:
            return {entry.id for entry in entries if _passes(store, entry)}
    except StoreError:
        return set()


def _passes(store: Store, entry: quarantine.Entry) -> bool:
    tests = store.connection.execute(_COVERED.format("id"), _ids(entry.id)).fetchall()
    return bool(tests) and all(
        is_ready_for_release(
            outcome
            for (outcome,) in store.connection.execute(
                "SELECT outcome FROM (SELECT id, started FROM run ORDER BY started DESC LIMIT ?)"
                " run CROSS JOIN result r ON r.run=run.id AND r.test=?"
                " ORDER BY run.started DESC, attempt DESC",
                (_SHOWN_RUNS, test),
            )
        )
        for (test,) in tests
    )


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
