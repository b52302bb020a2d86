"""The report for an issue: all findings, without names and paths."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hangar_devkit.preflight.machine import Machine
    from hangar_devkit.preflight.run import Run


def render(run: Run, machine: Machine) -> str:
    """Return a table in Markdown; replace user, host, project and their directories."""
    rows = []
    for finding in run.findings:
        state = f"{finding.state} (ignored)" if finding.ignored else finding.state
        rows.append(f"| {finding.id} | {state} | {redacted(finding.found, run, machine)} |")
    head = [
        f"Python {run.python} on {run.platform} {machine.arch}, scopes: {', '.join(run.scopes)}",
        "",
        "| ID | State | Found |",
        "| --- | --- | --- |",
    ]
    return "\n".join(head + rows) + "\n"


def redacted(text: str, run: Run, machine: Machine) -> str:
    """Return a text with placeholders for what identifies a person, a machine or a project."""
    environ = machine.environ
    names = {
        machine.environment: "<environment>",
        machine.project: "<project>",
        machine.home: "<home>",
        run.project: "<name>",
        environ.get("USER", ""): "<user>",
        environ.get("USERNAME", ""): "<user>",
        environ.get("HOSTNAME", ""): "<host>",
        environ.get("COMPUTERNAME", ""): "<host>",
    }
    for name in sorted(names, key=len, reverse=True):
        if len(name) > 1:  # "/" is the home of some containers
            text = text.replace(name, names[name])
    return " ".join(_path_hidden(word) for word in text.replace("|", "/").split(" "))


def _path_hidden(word: str) -> str:
    """Return a word, or a placeholder for an absolute path outside the system's directories."""
    bare = word.strip("(),;:'\"")
    system = ("/dev", "/usr", "/bin", "/opt", "/var/run", "/run", "/etc", "/lib", "/proc")
    if bare.startswith(system):
        return word
    if (bare.startswith("/") and len(bare) > 1) or bare[1:3] in (":\\", ":/"):
        return word.replace(bare, "<path>")
    return word
