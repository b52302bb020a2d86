"""The report for programs: a JSON document that follows `preflight.schema.json`."""

from __future__ import annotations

import json

from hangar_devkit.preflight.run import counts, exit_code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hangar_devkit.preflight.run import Run

SCHEMA = 2  # raised by each change that breaks a reader of the document


def render(run: Run) -> str:
    """Return the report as JSON."""
    document = {
        "schema": SCHEMA,
        "project": run.project,
        "scopes": list(run.scopes),
        "platform": run.platform,
        "python": run.python,
        "exit_code": exit_code(run.findings),
        "counts": counts(run.findings),
        "findings": [finding._asdict() for finding in run.findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
