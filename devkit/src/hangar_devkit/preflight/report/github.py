"""The report for GitHub: one annotation for each thing that is wrong."""

from __future__ import annotations

from hangar_devkit.preflight.run import counts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hangar_devkit.preflight.report import Run

COMMANDS = {"error": "error", "warn": "warning", "unknown": "warning"}


def render(run: Run) -> str:
    """Workflow commands, then the counts."""
    lines = []
    for finding in run.findings:
        if finding.state in COMMANDS:
            prefix = "could not check: " if finding.state == "unknown" else ""
            parts = (prefix + finding.found, finding.why, finding.mend)
            text = "\n".join(part for part in parts if part)
            title = _escaped(f"{finding.id} {finding.title}", ":,")
            lines.append(f"::{COMMANDS[finding.state]} title={title}::{_escaped(text)}")
    lines.append(", ".join(f"{number} {state}" for state, number in counts(run.findings).items()))
    return "\n".join(lines) + "\n"


def _escaped(text: str, more: str = "") -> str:
    # docs.github.com: workflow commands; a property also escapes colon and comma
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
