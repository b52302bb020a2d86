"""The report for programs: a JSON document, whose schema is `preflight.schema.json`."""

from __future__ import annotations

import json

from hangar_devkit.preflight.run import counts, exit_code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hangar_devkit.preflight.report import Run

VERSION = 1  # raised by a change that a reader of the former document would not understand


def render(run: Run) -> str:
    """The report as JSON."""
    document = {
        "version": VERSION,
        "project": run.project,
        "scopes": list(run.scopes),
        "platform": run.platform,
        "python": run.python,
        "exit_code": exit_code(run.findings),
        "counts": counts(run.findings),
        "findings": [finding._asdict() for finding in run.findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
