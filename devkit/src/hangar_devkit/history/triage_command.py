"""The command `triage`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from hangar_devkit.history.opening import CommandError, open_store
from hangar_devkit.history.postgresql import pull
from hangar_devkit.history.report import as_issue, as_lines, as_markdown, describe
from hangar_devkit.history.update import update

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def triage(options: argparse.Namespace) -> int:
    """Print the queue, or an issue text for one of its items."""
    with open_store(options, create=bool(options.source)) as store:
        if options.source:
            pull(store, options.source)
        findings = update(store, full=True, root=options.root)
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
        from hangar_devkit.history.terminal import print_queue
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
