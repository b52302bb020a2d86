"""The report for GitHub: one annotation for each finding that needs attention."""

from __future__ import annotations

from hangar_devkit.preflight.run import counts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hangar_devkit.preflight.run import Run

COMMANDS = {"error": "error", "warn": "warning", "unknown": "warning"}


def render(run: Run) -> str:
    """Return workflow commands, then the counts."""
    lines = []
    for finding in run.findings:
        if finding.state in COMMANDS:
            prefix = "could not check: " if finding.state == "unknown" else ""
            parts = (prefix + finding.found, finding.why, finding.fix)
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
