"""The commands of `history`: each takes the parsed options and returns the exit code."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from hangar_devkit.history import exchange, junit
from hangar_devkit.history.opening import CommandError, open_store
from hangar_devkit.history.postgresql import pull as fetch
from hangar_devkit.history.postgresql import push as send
from hangar_devkit.history.report import as_lines, describe
from hangar_devkit.history.store import Store
from hangar_devkit.history.summary import interval
from hangar_devkit.history.update import Findings, update

if TYPE_CHECKING:
    import argparse


def export(options: argparse.Namespace) -> int:
    """Write failed attempts, or whole runs, as JSON Lines."""
    with open_store(options) as store:
        findings = update(store, full=True, root=options.root)
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


def import_(options: argparse.Namespace) -> int:
    """Read JSON Lines or JUnit XML."""
    new = 0
    with open_store(options, create=True) as store:
        for path in options.files:
            if path.suffix == ".xml":
                new += exchange.save(store, [junit.read(path)])
            else:
                with path.open(encoding="utf-8") as lines:
                    new += exchange.load(store, lines, str(path))
        update(store, full=True, root=options.root)
    print(f"{new} new runs")
    return 0


def merge(options: argparse.Namespace) -> int:
    """Copy the runs of other stores."""
    new = 0
    with open_store(options, create=True) as store:
        for path in options.stores:
            with Store(path, create=False) as other:
                new += exchange.merge(store, other)
        update(store, full=True, root=options.root)
    print(f"{new} new runs")
    return 0


def push(options: argparse.Namespace) -> int:
    """Send the runs to a shared database."""
    with open_store(options) as store:
        print(f"{send(store, options.to)} runs sent")
    return 0


def pull(options: argparse.Namespace) -> int:
    """Fetch the runs of a shared database."""
    with open_store(options, create=True) as store:
        print(f"{fetch(store, options.source)} new runs")
        update(store, full=True, root=options.root)
    return 0


def show(options: argparse.Namespace) -> int:
    """Print what is known of a test or an error class."""
    with open_store(options) as store:
        findings = update(store, full=True, root=options.root)
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


def pages(options: argparse.Namespace) -> int:
    """Write the pictures."""
    from hangar_devkit.history.pages import write_html, write_markdown

    if not options.markdown and not options.html:
        raise CommandError("say what to write: --markdown FILE, --html FILE, or both")
    with open_store(options) as store:
        findings = update(store, full=True, root=options.root)
        if options.markdown:
            write_markdown(options.markdown, options.root, store, findings)
        if options.html:
            write_html(options.html, options.root, store, findings)
    return 0
